package oggtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// signs are what a client sees of each hostile behavior: part of the answer, or of its error.
var signs = map[Hostile]string{
	HugeName:             `{"name":"AAAA`,
	ManyItems:            `{"name":"E2"},`,
	ManyEmptyItems:       "{},{},{},{}",
	Duplicates:           `{"name":"E"},{"name":"E"}`,
	Churn:                `{"items":[{"name":"E`,
	ManyTrails:           `"path":"/x/2"`,
	DeepArrays:           `{"response":[[[[`,
	DeepObjects:          `{"response":{"response":{"response":`,
	HugeTitle:            `"title":"TTTT`,
	HugeNumber:           `"lag":9999`,
	Silent:               "deadline exceeded",
	EndlessText:          `{"response":{"x":"AAAA`,
	SwitchingProtocols:   "101 Switching Protocols",
	SlowHeader:           "deadline exceeded",
	SlowDrip:             "deadline exceeded",
	ManyHeaders:          "X-99999",
	HugeHeader:           "X-Huge",
	EndlessHeader:        "exceeded",
	EndlessInformational: "exceeded",
	EchoTitle:            "malformed: Basic b2dn",
	EchoBody:             "Basic b2dn",
	EchoLocation:         "/elsewhere?login=Basic b2dn",
	EchoName:             `{"items":[{"name":"Basic b2dn`,
	ControlCharacters:    `\u001b[31m`,
	TitleChurn:           `"title":"request `,
	ContentLengthLie:     "deadline exceeded",
	ChunkExtensions:      "header line too long",
	EndlessTrailer:       "trailer",
	WindowOverflow:       "deadline exceeded",
}

func TestHostile(t *testing.T) {
	t.Parallel()
	for _, h := range Hostiles() {
		t.Run(string(h), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork()
				s := start(t, Installation{Network: n, Deployments: []Deployment{west()}})
				defer s.Fault(Target{Deployment: "west"}, Fault{Hostile: h})()
				if got := meet(n, s.ServiceURL("west", "adminsrvr")+"/extracts"); signs[h] == "" || !strings.Contains(got, signs[h]) {
					t.Errorf("no %q in %.2000s", signs[h], got)
				}
			})
		})
	}
}

// meet returns what a client that has ten seconds sees of an answer: its beginning, and the error.
func meet(n *Network, address string) string {
	tr := &http.Transport{DialContext: n.DialContext, MaxResponseHeaderBytes: 12 << 20}
	defer tr.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err.Error()
	}
	r.SetBasicAuth(DefaultUser, DefaultPassword)
	res, err := tr.RoundTrip(r)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return res.Status
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 100_000))
	return fmt.Sprintf("%s %.1000s %v %v", res.Status, body, err, res.Header)
}

// TestHostileEnds: that the simulation is closed ends what waits for the client.
func TestHostileEnds(t *testing.T) {
	t.Parallel()
	for _, h := range []Hostile{Silent, SlowHeader, SlowDrip, SwitchingProtocols, ContentLengthLie, EndlessHeader, EndlessText} {
		t.Run(string(h), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork()
				s := start(t, Installation{Network: n})
				s.Fault(Target{}, Fault{Hostile: h})
				conn, err := n.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL(), "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close() }()
				_, _ = io.WriteString(conn, "GET /services/v2/services HTTP/1.1\r\nHost: a\r\n\r\n")
				synctest.Wait()
				s.Close()
			})
		})
	}
}

// TestHTTP2: services speak HTTP/2 where they are to.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{TLS: true, HTTP2: true, Deployments: []Deployment{west()}})
	tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}
	tr.TLSClientConfig.RootCAs.AppendCertsFromPEM(s.CACertificate())
	defer tr.CloseIdleConnections()
	res, err := (&http.Client{Transport: tr}).Get(s.ServiceURL("west", "adminsrvr") + "/extracts")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.ProtoMajor != 2 {
		t.Errorf("got %s", res.Proto)
	}
}

// TestTokenServer: the endpoint gives the token, and behaves as it is told.
func TestTokenServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork()
		s, err := StartTokenServer(n, "first", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.SetToken("second")
		for h, want := range map[Hostile]string{
			"": `"access_token":"second"`, Silent: "deadline exceeded", SlowDrip: "deadline exceeded", EndlessText: "AAAA", EchoBody: url.QueryEscape("client_secret"),
		} {
			s.SetHostile(h)
			if got := meet(n, s.URL()+"?client_secret=x"); !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %s", h, want, got)
			}
		}
		if got := s.Requests(); got != 5 {
			t.Errorf("got %d requests", got)
		}
	})
}
