package oggtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const statusPath = "/extracts/EWEST/info/status"

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  Fault
		status int
		header [2]string
		body   string // that it contains
	}{
		"status":       {Fault{Status: 500}, 500, [2]string{"Content-Type", "application/json"}, `"Internal Server Error"`},
		"overload":     {Fault{Status: 503, RetryAfter: "3"}, 503, [2]string{"Retry-After", "3"}, "OGG-12043"},
		"no content":   {Fault{Status: 204}, 204, [2]string{"X-Ogg-Proxy-Version", ""}, ""},
		"recorded":     {Fault{Body: `{"a":1}`}, 200, [2]string{"Content-Type", "application/json"}, `{"a":1}`},
		"other type":   {Fault{Body: "a", Header: http.Header{"content-type": {"text/plain"}}}, 200, [2]string{"Content-Type", "text/plain"}, "a"},
		"page":         {Fault{HTML: true}, 200, [2]string{"Content-Type", "text/html"}, "<html>"},
		"gateway":      {Fault{HTML: true, Status: 502}, 502, [2]string{"Content-Type", "text/html"}, "<html>"},
		"redirect":     {Fault{Redirect: "http://elsewhere/"}, 307, [2]string{"Location", "http://elsewhere/"}, ""},
		"unauthorized": {Fault{Unauthorized401: true}, 401, [2]string{"Www-Authenticate", `Basic realm="Oracle GoldenGate"`}, "OGG-12063"},
		"forbidden":    {Fault{Forbidden403: true}, 403, [2]string{"Www-Authenticate", ""}, "OGG-12062"},
		"late":         {Fault{Latency: time.Millisecond}, 200, [2]string{}, "ogg:extractStatus"},
		"slow":         {Fault{SlowBody: time.Millisecond / 10}, 200, [2]string{}, "ogg:extractStatus"},
		"wrong types":  {Fault{WrongTypes: true}, 200, [2]string{}, `"lag":{"value":3}`},
		"wrong body":   {Fault{WrongTypes: true, Body: "{}"}, 200, [2]string{}, `{"links":"none","messages":{}}`},
		"not JSON":     {Fault{WrongTypes: true, Body: "x"}, 200, [2]string{}, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Installation{Deployments: []Deployment{west()}})
			url := s.ServiceURL("west", "adminsrvr") + statusPath
			healthy := get(t, s, url, 200)
			clear := s.Fault(Target{Deployment: "west", Path: "/services/v2/extracts/*/info/status"}, c.fault)
			r := get(t, s, url, c.status)
			if c.header[0] != "" && r.Header.Get(c.header[0]) != c.header[1] || !strings.Contains(string(r.body), c.body) {
				t.Errorf("%v %s", r.Header, r.body)
			}
			get(t, s, s.ServiceURL("west", "adminsrvr")+"/extracts", 200)
			clear()
			clear()
			if got := get(t, s, url, 200); len(got.body) != len(healthy.body) {
				t.Errorf("%s", got.body)
			}
		})
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault Fault
		is    error
	}{
		"reset":     {Fault{Reset: true}, syscall.ECONNRESET},
		"refused":   {Fault{Refused: true}, syscall.ECONNREFUSED},
		"dropped":   {Fault{Refused: true, Times: 1}, io.EOF},
		"truncated": {Fault{Truncated: true}, io.ErrUnexpectedEOF},
	} {
		for _, tls := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				s := start(t, Installation{TLS: tls, Deployments: []Deployment{west()}})
				url := s.ServiceURL("west", "adminsrvr") + statusPath
				clear := s.Fault(Target{Service: "adminsrvr"}, c.fault)
				if r, err := ask(s, url); !errors.Is(err, c.is) {
					t.Errorf("%v, want %v: %s", err, c.is, r.body)
				}
				clear()
				get(t, s, url, 200)
			})
		}
	}
}

func TestFaultsBehindTheFront(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{ReverseProxy: true, TLS: true, Deployments: []Deployment{west()}})
	url := s.ServiceURL("west", "adminsrvr") + statusPath
	clear := s.Fault(Target{Service: "adminsrvr", Path: "/services/v2/extracts"}, Fault{Refused: true})
	if r := get(t, s, url, 502); r.Header.Get("Content-Type") != "text/html" {
		t.Error(r.Header)
	}
	clear()
	s.Fault(Target{Service: "adminsrvr"}, Fault{Reset: true})
	if _, err := ask(s, url); !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err)
	}
}

func TestHangAndEndlessBody(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	admin := s.ServiceURL("west", "adminsrvr")
	clear := s.Fault(Target{Service: "adminsrvr"}, Fault{EndlessBody: true})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+"/replicats", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client(s).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, res.Body, 5_000_000); err != nil {
		t.Error(n, err)
	}
	res.Body.Close()
	clear()

	s.Fault(Target{Service: "adminsrvr"}, Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := client(s).Do(r.Clone(ctx)); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	hanging := make(chan error, 1)
	go func() {
		_, err := ask(s, admin+statusPath)
		hanging <- err
	}()
	arrived := func(r Request) bool { return strings.HasSuffix(r.Path, statusPath) }
	for !slices.ContainsFunc(s.Requests(), arrived) {
		_, _ = ask(s, s.URL()+"/services")
	}
	s.Close() // does not wait for it
	if err := <-hanging; err == nil {
		t.Error("answered")
	}
}

func TestFaultTimes(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	s.Fault(Target{}, Fault{Status: 500, Times: 2})
	s.Fault(Target{Path: "/services/v2/deployments"}, Fault{Status: 404, Times: 1})
	url := s.URL() + "/services/v2/deployments/west"
	for _, want := range []int{500, 500, 404, 200} {
		get(t, s, url, want)
	}
	log := s.Requests()
	if got := log[0]; got.Status != 500 || !got.Authorized {
		t.Errorf("%+v", got)
	}
}

func TestWrongTypesKeepJSON(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	s.Fault(Target{}, Fault{WrongTypes: true})
	for _, path := range []string{"/deployments", "/installation/services", "/config/summary"} {
		if r := get(t, s, s.URL()+"/services/v2"+path, 200); !json.Valid(r.body) {
			t.Errorf("%s", r.body)
		}
	}
}

// TestRefusedLater: that a fault is cleared changes nothing for deployments that came
// after it was set.
func TestRefusedLater(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{})
	mend := s.Fault(Target{}, Fault{Refused: true})
	if err := s.AddDeployment(Deployment{Name: "later"}); err != nil {
		t.Fatal(err)
	}
	mend()
	defer s.Fault(Target{Deployment: "later"}, Fault{Refused: true})()
	if _, err := ask(s, s.ServiceURL("later", "adminsrvr")+"/extracts"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
}
