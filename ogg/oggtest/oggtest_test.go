package oggtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // there is little to keep, and much to do
	goleak.VerifyTestMain(m)
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// start starts a simulation that ends with the test.
func start(t testing.TB, i Installation) *Server {
	t.Helper()
	s, err := Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// west is a deployment with one Extract and one Replicat.
func west() Deployment {
	return Deployment{Name: "west", Processes: []Process{
		{Name: "EWEST", Lag: 3 * time.Second},
		{Name: "RWEST", Type: Replicat, Lag: 4 * time.Second},
	}}
}

// client trusts the simulation and keeps no connection.
func client(s *Server) *http.Client {
	tr := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}
	tr.TLSClientConfig.RootCAs.AppendCertsFromPEM(s.CACertificate())
	return &http.Client{
		Transport:     tr,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// reply is an answer as read.
type reply struct {
	*http.Response
	body []byte
}

func ask(s *Server, url string, change ...func(*http.Request)) (reply, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return reply{}, err
	}
	r.SetBasicAuth(DefaultUser, DefaultPassword)
	r.Header.Set("Accept", "application/json")
	for _, f := range change {
		f(r)
	}
	res, err := client(s).Do(r)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{res, body}, err
}

// get asks and expects a status.
func get(t testing.TB, s *Server, url string, status int, change ...func(*http.Request)) reply {
	t.Helper()
	r, err := ask(s, url, change...)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != status {
		t.Fatalf("%s: %s, want %d: %s", url, r.Status, status, r.body)
	}
	return r
}

func anonymous(r *http.Request) { r.Header.Del("Authorization") }

// at follows a path of members and indexes, like "response.items.0.name", and returns the
// raw JSON there, "" when it is absent.
func (r reply) at(path string) string {
	raw := json.RawMessage(r.body)
	for name := range strings.SplitSeq(path, ".") {
		var o map[string]json.RawMessage
		var l []json.RawMessage
		switch {
		case json.Unmarshal(raw, &o) == nil:
			raw = o[name]
		case json.Unmarshal(raw, &l) == nil && len(name) == 1 && int(name[0]-'0') < len(l):
			raw = l[name[0]-'0']
		default:
			return ""
		}
	}
	return string(raw)
}

// names lists the names of a collection.
func (r reply) names() []string {
	var doc struct {
		Response struct{ Items []struct{ Name string } }
	}
	_ = json.Unmarshal(r.body, &doc)
	var names []string
	for _, i := range doc.Response.Items {
		names = append(names, i.Name)
	}
	return names
}

// shape replaces every scalar by its type, so that two bodies can be compared.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = shape(v[name])
		}
		return v
	case []any:
		for i := range v {
			v[i] = shape(v[i])
		}
		return v
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	}
	return v
}

func decode(t testing.TB, body []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return v
}

// sample reads a recorded body of the reference, which is not part of the repository.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "reference", "samples", "admin", name))
	if err != nil {
		t.Skip("no recorded sample to compare with:", err)
	}
	return b
}

func equalJSON(t *testing.T, got, want any) {
	t.Helper()
	g, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(g, w) {
		t.Errorf("got %s\nwant %s", g, w)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for name, i := range map[string]Installation{
		"unknown release":      {Release: "11g"},
		"deployment twice":     {Deployments: []Deployment{west(), west()}},
		"deployment's name":    {Deployments: []Deployment{{}}},
		"Service Manager's":    {Deployments: []Deployment{{Name: "ServiceManager"}}},
		"service twice":        {Deployments: []Deployment{{Name: "a", Services: []Service{{Name: "x"}, {Name: "x"}}}}},
		"process in lowercase": {Deployments: []Deployment{{Name: "a", Processes: []Process{{Name: "ewest"}}}}},
		"process twice":        {Deployments: []Deployment{{Name: "a", Processes: []Process{{Name: "E"}, {Name: "E"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := Start(i); err == nil {
				s.Close()
				t.Error("no error")
			}
		})
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	d := west()
	d.Services = []Service{{Name: "adminsrvr"}, {Name: "pmsrvr", PlainHTTP: true}}
	s := start(t, Installation{TLS: true, Deployments: []Deployment{d}})
	r := get(t, s, s.URL()+"/services/v2/installation/services?deployment=west", 200)
	if r.TLS == nil || r.at("response.services.0.isSsl") != "true" || r.at("response.services.1.isSsl") != "false" {
		t.Errorf("TLS %v, %s", r.TLS, r.body)
	}
	if u := s.ServiceURL("west", "pmsrvr"); !strings.HasPrefix(u, "http://") {
		t.Error(u)
	}
	get(t, s, s.ServiceURL("west", "pmsrvr")+"/config/health/check", 200)
	get(t, s, strings.Replace(s.URL(), "127.0.0.1", "localhost", 1)+"/services", 200)
}

func TestExpiredCertificate(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{TLS: true, CertificateNotAfter: time.Now().Add(-time.Minute)})
	if _, err := ask(s, s.URL()+"/services"); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Error(err)
	}
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{TLS: true, ClientCertificates: true})
	if _, err := ask(s, s.URL()+"/services"); err == nil {
		t.Error("served without a client certificate")
	}
	pair, err := tls.X509KeyPair(s.ClientCertificate())
	if err != nil {
		t.Fatal(err)
	}
	c := client(s)
	c.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{pair}
	res, err := c.Get(s.URL() + "/services")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{RequestLog: 3, Clock: NewManualClock(noon), Deployments: []Deployment{west()}})
	for _, path := range []string{"/extracts", "/extracts?threads=none", "/nothing", "/replicats/RW%45ST"} {
		_, _ = ask(s, s.ServiceURL("west", "adminsrvr")+path)
	}
	want := []Request{
		{Path: "/services/v2/extracts", Query: "threads=none", Status: 200},
		{Path: "/services/v2/nothing", Status: 404},
		{Path: "/services/v2/replicats/RW%45ST", Status: 200},
	}
	for i := range want {
		w := &want[i]
		w.Time, w.Method, w.Deployment, w.Service = noon, "GET", "west", "adminsrvr"
		w.UserAgent, w.Accept, w.AuthScheme, w.User, w.Authorized = "Go-http-client/1.1", "application/json", "Basic", "oggadmin", true
	}
	if got := s.Requests(); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	if s.ResetRequests(); len(s.Requests()) != 0 {
		t.Error("still there")
	}
}

func TestCloseTwice(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{})
	s.Close()
	s.Close()
	if err := s.AddDeployment(west()); err == nil {
		t.Error("a closed simulation took a deployment")
	}
}
