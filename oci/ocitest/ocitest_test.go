package ocitest_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
)

// TestMain fails if a goroutine is left over.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// signer signs requests as OCI documents it, or wrongly where a test says so.
type signer struct {
	key             *rsa.PrivateKey
	keyID, headers  string
	version, scheme string
	date            time.Time
}

func newSigner(t *testing.T, s *ocitest.Server) signer {
	t.Helper()
	block, _ := pem.Decode(s.Key())
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return signer{
		key: key, keyID: strings.Join([]string{ocitest.TenancyID, ocitest.UserID, s.Fingerprint()}, "/"),
		headers: "date (request-target) host", version: "1", scheme: "rsa-sha256", date: time.Now(),
	}
}

func (g signer) sign(t *testing.T, r *http.Request) {
	t.Helper()
	r.Header.Set("Date", g.date.UTC().Format(http.TimeFormat))
	r.Header.Set("X-Date", g.date.UTC().Format(http.TimeFormat))
	var lines []string
	for name := range strings.FieldsSeq(g.headers) {
		value := r.Header.Get(name)
		switch name {
		case "(request-target)":
			value = strings.ToLower(r.Method) + " " + r.URL.RequestURI()
		case "host":
			value = r.URL.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		lines = append(lines, name+": "+value)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	signature, err := rsa.SignPKCS1v15(rand.Reader, g.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", fmt.Sprintf(`Signature version="%s",keyId="%s",algorithm="%s",headers="%s",signature="%s"`,
		g.version, g.keyID, g.scheme, g.headers, base64.StdEncoding.EncodeToString(signature)))
}

func start(t *testing.T, p ocitest.ControlPlane) *ocitest.Server {
	t.Helper()
	s, err := ocitest.Start(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// send sends the request and returns the status, body and header of the answer.
func send(t *testing.T, r *http.Request) (int, string, http.Header) {
	t.Helper()
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

const listPath = "/20200407/deployments?compartmentId=" + ocitest.Compartment

func request(t *testing.T, s *ocitest.Server, method, path string, body []byte) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSignature signs in every way that OCI rejects, and in those that it accepts.
func TestSignature(t *testing.T) {
	t.Parallel()
	s := start(t, ocitest.ControlPlane{})
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*signer, *http.Request)
		after  func(*http.Request)
		want   int
	}{
		"right":                   {nil, nil, 200},
		"x-date":                  {func(g *signer, _ *http.Request) { g.headers = "x-date (request-target) host" }, nil, 200},
		"another order":           {func(g *signer, _ *http.Request) { g.headers = "host date (request-target)" }, nil, 200},
		"more headers":            {func(g *signer, r *http.Request) { r.Header.Set("Accept", "*/*"); g.headers += " accept" }, nil, 200},
		"almost too late":         {func(g *signer, _ *http.Request) { g.date = g.date.Add(-290 * time.Second) }, nil, 200},
		"too late":                {func(g *signer, _ *http.Request) { g.date = g.date.Add(-310 * time.Second) }, nil, 401},
		"too early":               {func(g *signer, _ *http.Request) { g.date = g.date.Add(310 * time.Second) }, nil, 401},
		"no date":                 {func(g *signer, _ *http.Request) { g.headers = "(request-target) host" }, nil, 401},
		"no host":                 {func(g *signer, _ *http.Request) { g.headers = "date (request-target)" }, nil, 401},
		"no target":               {func(g *signer, _ *http.Request) { g.headers = "date host" }, nil, 401},
		"another version":         {func(g *signer, _ *http.Request) { g.version = "2" }, nil, 401},
		"another algorithm":       {func(g *signer, _ *http.Request) { g.scheme = "hmac-sha256" }, nil, 401},
		"an unknown key":          {func(g *signer, _ *http.Request) { g.keyID = "t/u/f" }, nil, 401},
		"another key":             {func(g *signer, _ *http.Request) { g.key = other }, nil, 401},
		"another request":         {nil, func(r *http.Request) { r.URL.RawQuery += "&limit=1" }, 401},
		"a changed date":          {nil, func(r *http.Request) { r.Header.Set("Date", time.Now().Add(time.Second).UTC().Format(http.TimeFormat)) }, 401},
		"no signature":            {nil, func(r *http.Request) { r.Header.Del("Authorization") }, 401},
		"a malformed one":         {nil, func(r *http.Request) { r.Header.Set("Authorization", "Signature x") }, 401},
		"something else entirely": {nil, func(r *http.Request) { r.SetBasicAuth("u", "p") }, 401},
	} {
		t.Run(name, func(t *testing.T) {
			g, r := newSigner(t, s), request(t, s, http.MethodGet, listPath, nil)
			if test.change != nil {
				test.change(&g, r)
			}
			g.sign(t, r)
			if test.after != nil {
				test.after(r)
			}
			status, body, header := send(t, r)
			if status != test.want || header.Get("Opc-Request-Id") == "" {
				t.Errorf("got %d %s", status, body)
			}
			if status == http.StatusUnauthorized && !strings.Contains(body, `"code":"NotAuthenticated"`) {
				t.Errorf("got %s", body)
			}
		})
	}
}

// TestBody checks the digest of a body. Nothing that takes a body is simulated, so a correct
// request gets a 404.
func TestBody(t *testing.T) {
	t.Parallel()
	s := start(t, ocitest.ControlPlane{})
	const withBody = "date (request-target) host content-length content-type x-content-sha256"
	digest := func(body string) string {
		sum := sha256.Sum256([]byte(body))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	for name, test := range map[string]struct {
		headers, digest string
		want            int
	}{
		"right":          {withBody, digest("{}"), 404},
		"another body":   {withBody, digest("{ }"), 401},
		"no digest":      {"date (request-target) host content-length content-type", digest("{}"), 401},
		"nothing signed": {"date (request-target) host", digest("{}"), 401},
	} {
		t.Run(name, func(t *testing.T) {
			g, r := newSigner(t, s), request(t, s, http.MethodPost, "/20200407/deployments", []byte("{}"))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Content-Sha256", test.digest)
			g.headers = test.headers
			g.sign(t, r)
			if status, body, _ := send(t, r); status != test.want {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
}

// TestPagesAndFaults reads all pages of a list, and then meets faults.
func TestPagesAndFaults(t *testing.T) {
	t.Parallel()
	s := start(t, ocitest.Demo(time.Now()))
	get := func(path string) (int, string, http.Header) {
		r := request(t, s, http.MethodGet, path, nil)
		newSigner(t, s).sign(t, r)
		return send(t, r)
	}
	names, pages := 0, 0
	for next := ""; ; pages++ {
		_, body, header := get(listPath + "&page=" + next)
		var list struct{ Items []map[string]any }
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		names += len(list.Items)
		if next = header.Get("Opc-Next-Page"); next == "" {
			break
		}
	}
	if names != 5 || pages != 2 {
		t.Errorf("%d deployments, %d more pages", names, pages)
	}
	mend := s.Fault(ocitest.Target{Path: "/deployments"}, ocitest.Fault{Status: 429, Code: "TooManyRequests", RetryAfter: "7"})
	if status, body, header := get(listPath); status != 429 || header.Get("Retry-After") != "7" || !strings.Contains(body, "TooManyRequests") {
		t.Errorf("got %d %s", status, body)
	}
	mend()
	s.Fault(ocitest.Target{}, ocitest.Fault{Body: "once", Times: 1})
	if _, body, _ := get(listPath); body != "once" {
		t.Errorf("got %s", body)
	}
	for path, want := range map[string]int{
		listPath: 200, "/20200407/deployments?compartmentId=ocid1.compartment.oc1..other": 404, "/20200407/deployments/x": 404,
		"/20200407/pipelines/x/runningProcesses": 404, "/20200407/others": 404, "/other/deployments": 404,
	} {
		if status, body, _ := get(path); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if all := s.Requests(); all[0].Path != "/deployments" || all[0].Query["compartmentId"] != ocitest.Compartment || all[0].Status != 200 {
		t.Errorf("%+v", all[0])
	}
}
