package clients

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// recorder stands between a client and the exporter. It passes the client's first scrape on, keeps what the exporter
// answers, and gives the same answer to each later one: whichever scrape a client's samples are from, they have to
// be exactly these.
type recorder struct {
	*httptest.Server

	mu     sync.Mutex
	answer *answer
	served int
	asked  http.Header
	odd    []string
}

// answer is what the exporter has sent.
type answer struct {
	header http.Header
	body   []byte
}

// record starts a recorder in front of a demo.
func record(t *testing.T) *recorder {
	t.Helper()
	r, demo := &recorder{}, startDemo(t)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if request.Method != http.MethodGet || request.URL.Path != "/metrics" {
			r.odd = append(r.odd, request.Method+" "+request.URL.String())
		}
		if r.answer == nil {
			got, err := passOn(request, demo)
			if err != nil {
				r.odd = append(r.odd, err.Error())
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			r.answer, r.asked = got, request.Header.Clone()
		}
		maps.Copy(w.Header(), r.answer.header)
		_, _ = w.Write(r.answer.body)
		r.served++
	}))
	t.Cleanup(r.Close)
	return r
}

// passOn sends a client's request to the exporter as the client has sent it.
func passOn(from *http.Request, url string) (*answer, error) {
	request, err := http.NewRequestWithContext(from.Context(), http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header = from.Header.Clone()
	response, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &answer{response.Header, body}, err
}

// address returns where the recorder listens.
func (r *recorder) address() string { return strings.TrimPrefix(r.URL, "http://") }

// scrapes returns how many scrapes it has answered.
func (r *recorder) scrapes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.served
}

// exposed returns what the client was sent, which has to be in that format.
func (r *recorder) exposed(t *testing.T, format string) *exposition {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.odd) > 0 {
		t.Errorf("the client has asked for something else, or got no answer: %q", r.odd)
	}
	if r.answer == nil {
		t.Fatal("the client has not scraped")
	}
	kind, body := r.answer.header.Get("Content-Type"), r.answer.body
	if !strings.HasPrefix(kind, format) {
		t.Errorf("the client, which accepts %q, has got %q", r.asked.Get("Accept"), kind)
	}
	if r.answer.header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		must(t, err)
		body, err = io.ReadAll(z)
		must(t, err)
	}
	e := parse(t, kind, body)
	if len(e.samples) < 1000 || len(e.families) < 100 {
		t.Errorf("there are only %d samples of %d families", len(e.samples), len(e.families))
	}
	return e
}
