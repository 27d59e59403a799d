package rest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"

	promconfig "github.com/prometheus/common/config"
)

// TestRequests: a request is the same as one whose address is parsed, and shares its header with others.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"http://gg:9011/services/v2", "https://gg", "https://[fe80::1%25eth0]:443/ogg/north/adminsrvr/v2", "http://gg/a%2Fb/v2", "http://gg/a b", "http://gg/v2/",
		"http://u:p@gg/v2", "http://gg/v2?a=b", "http://gg/%41/v2", "HTTP://gg/v2", "http://gg:/v2", "gg", "http://g g/v2", "",
	} {
		r := newRequests(base, "test")
		for _, path := range []string{
			"", "/extracts", "/extracts?threads=none", "/a?b=c&d=e,f/g", "/a?", "/?a", "/a?b?c", "/a#b", "/a?b#c", "/a%2Fb", "/" + Segment("a b"), "/" + Segment(".."), "/../a", "//a",
			"/a b", "/a\x00b", "/ä", "/a?b=ä", "/a!b", "/a:b", "/a?b=c d", "/a+b", "?a=b", "extracts",
		} {
			got, err := r.to(t.Context(), base+path)
			want, wantErr := r.parsed(base + path)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s%s: got %v, want %v", base, path, err, wantErr)
			}
			if err != nil || wantErr != nil {
				continue
			}
			if want = want.WithContext(t.Context()); !reflect.DeepEqual(got, want) {
				t.Errorf("%s%s:\ngot  %+v %+v\nwant %+v %+v", base, path, got, got.URL, want, want.URL)
			}
		}
	}
}

// TestSender: whatever is answered, the outcome is the same as with an http.Client.
func TestSender(t *testing.T) {
	t.Parallel()
	gg := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/to/b":
			http.Redirect(w, r, "/b?again", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/other":
			http.Redirect(w, r, "http://other:1/", http.StatusMovedPermanently)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		case "/bad":
			w.Header().Set("Location", "http://[")
			w.WriteHeader(http.StatusFound)
		case "/broken":
			http.Redirect(w, r, "/aborts", http.StatusFound)
		case "/aborts":
			panic(http.ErrAbortHandler)
		case "/304":
			w.WriteHeader(http.StatusNotModified)
		case "/500":
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, r.URL.String()+r.Referer()+r.Header.Get("Authorization"))
	}))
	defer gg.Close()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	for _, follow := range []bool{false, true} {
		check := checkRedirect(follow)
		s := sender{transport, check}
		client := &http.Client{Transport: transport, CheckRedirect: check}
		for _, address := range []string{
			gg.URL + "/a", gg.URL + "/to/b", gg.URL + "/loop", gg.URL + "/other", gg.URL + "/nowhere", gg.URL + "/bad", gg.URL + "/broken", gg.URL + "/aborts",
			gg.URL + "/304", gg.URL + "/500", "https" + gg.URL[len("http"):] + "/a", "http://127.0.0.1:1/a", "ftp://gg/a",
		} {
			if got, want := outcomeOf(t, s.do, address), outcomeOf(t, client.Do, address); got != want {
				t.Errorf("%s:\ngot  %s\nwant %s", address, got, want)
			}
		}
	}
}

// outcomeOf describes what has come of a request.
func outcomeOf(t *testing.T, do func(*http.Request) (*http.Response, error), address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("a", "b")
	answer, err := do(request)
	if err != nil {
		var of *url.Error
		return fmt.Sprint(err, errors.As(err, &of), isA[*RedirectError](err))
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return fmt.Sprint(answer.StatusCode, answer.Request.URL, string(body), err)
}

// ownAllocations is how many allocations a small request makes beside those of net/http's transport.
const ownAllocations = 6

// TestRequestAllocations: a request stays lean, also with a password and certificates in files.
func TestRequestAllocations(t *testing.T) {
	for name, login := range logins(t) {
		e := endpointFor(t, login, answering())
		all := allocations(func() error {
			return e.Read(t.Context(), "/extracts/EXT1/info/status", func(string, []byte) error { return nil })
		})
		bare := bareTransport(t)
		if own := all - allocations(bare); own > ownAllocations {
			t.Errorf("%s: a request makes %v allocations, %v of them beside the transport's, want at most %d", name, all, own, ownAllocations)
		}
	}
}

// allocations returns how many allocations a request makes once everything is in use.
func allocations(request func() error) float64 {
	least := testing.AllocsPerRun(10, func() { _ = request() })
	for range 100 { // because anything else allocates, too, and with the race detector pools forget
		least = min(least, testing.AllocsPerRun(1, func() { _ = request() }))
	}
	return least
}

// bareTransport returns a request on net/http's transport alone.
func bareTransport(t testing.TB) func() error {
	t.Helper()
	transport := builder{dial: answering()}.connect(&promconfig.ProxyConfig{}, nil)
	t.Cleanup(transport.CloseIdleConnections)
	r := newRequests("http://gg:9011/services/v2", "test")
	request, err := r.parsed("http://gg:9011/services/v2/extracts/EXT1/info/status")
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("oggadmin", "a-Password1")
	request = request.WithContext(t.Context())
	body := make([]byte, 4096)
	return func() error {
		answer, err := transport.RoundTrip(request)
		if err != nil {
			return err
		}
		for err == nil {
			_, err = answer.Body.Read(body)
		}
		return answer.Body.Close()
	}
}
