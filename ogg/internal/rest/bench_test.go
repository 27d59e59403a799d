package rest

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// status is a small answer of GoldenGate.
const status = `{"$schema":"api:standardResponse","links":[{"rel":"canonical","href":"http://gg:9011/services/v2/extracts/EXT1/info/status","mediaType":"application/json"}],` +
	`"messages":[],"response":{"$schema":"er:status","lag":5,"lagSeconds":5,"lastStarted":"2026-03-01T10:00:00.000Z","position":"0.1234567","processId":4711,"sinceLagReported":2,"status":"running"}}`

// statusResponse is what is read of it.
type statusResponse struct {
	Lag         int    `json:"lag"`
	LastStarted string `json:"lastStarted"`
	Position    string `json:"position"`
	Status      string `json:"status"`
}

// answering returns a dialer to a server without any work: it answers each request with status, on a connection in
// memory, and allocates nothing.
func answering() promconfig.DialContextFunc {
	var answer bytes.Buffer
	_ = (&http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(status)),
		Header: http.Header{"Content-Type": {"application/json"}, "Date": {"Sun, 01 Mar 2026 12:00:03 GMT"}, "Strict-Transport-Security": {"max-age=31536000"}},
		Body:   io.NopCloser(bytes.NewBufferString(status)),
	}).Write(&answer)
	return func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			request := make([]byte, 4096)
			for {
				n, err := far.Read(request)
				for err == nil && !bytes.HasSuffix(request[:n], []byte("\r\n\r\n")) {
					var more int
					more, err = far.Read(request[n:])
					n += more
				}
				if err == nil {
					_, err = far.Write(answer.Bytes())
				}
				if err != nil {
					_ = far.Close()
					return
				}
			}
		}()
		return near, nil
	}
}

// endpointFor returns an endpoint with that login at a server that is reached with dial.
func endpointFor(t testing.TB, login promconfig.HTTPClientConfig, dial promconfig.DialContextFunc) *Endpoint {
	t.Helper()
	pool, err := NewPool(login, dial, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return endpointOf(pool, login)
}

// endpointOf returns an endpoint with that login and the connections of the pool.
func endpointOf(pool *Pool, login promconfig.HTTPClientConfig) *Endpoint {
	log := slog.New(slog.DiscardHandler)
	return New(Settings{
		Base: "http://gg:9011/services/v2", Login: login, Pool: pool, MaxConcurrentRequests: 8, Microservice: "adminsrvr",
		Account: pool.NewAccount(time.Now, log, nil, "north"), UserAgent: "ogg_exporter/0.1.0",
		Bodies: &Bodies{Large: NewBudget(1 << 20)}, Stats: NewStats("adminsrvr"), Now: time.Now, Log: log,
	})
}

// logins are how an endpoint may log in.
func logins(t testing.TB) map[string]promconfig.HTTPClientConfig {
	t.Helper()
	inFile := &promconfig.BasicAuth{Username: "oggadmin", PasswordFile: written(t, "a-Password1\n")}
	return map[string]promconfig.HTTPClientConfig{
		"password":      {BasicAuth: &promconfig.BasicAuth{Username: "oggadmin", Password: "a-Password1"}},
		"password_file": {BasicAuth: inFile},
		"ca_file":       {BasicAuth: inFile, TLSConfig: promconfig.TLSConfig{CAFile: written(t, certificateOf(t))}},
	}
}

// certificateOf returns the certificate of a server in PEM.
func certificateOf(t testing.TB) string {
	t.Helper()
	gg := httptest.NewTLSServer(http.NotFoundHandler())
	defer gg.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: gg.Certificate().Raw}))
}

// BenchmarkRequest is a small GET over HTTP/1.1 with basic authentication, without decoding it. The bare
// one is net/http's own, in the shortest form.
func BenchmarkRequest(b *testing.B) {
	for name, login := range logins(b) {
		b.Run(name, func(b *testing.B) {
			e := endpointFor(b, login, answering())
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				if err := e.Read(ctx, "/extracts/EXT1/info/status", func(string, []byte) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("bare", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{DialContext: answering()}}
		ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
		defer cancel()
		b.ReportAllocs()
		for b.Loop() {
			if err := bare(ctx, client); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// bare is a request as one writes it without this package.
func bare(ctx context.Context, client *http.Client) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://gg:9011/services/v2/extracts/EXT1/info/status", nil)
	if err != nil {
		return err
	}
	request.SetBasicAuth("oggadmin", "a-Password1")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.ReadAll(answer.Body)
	return err
}

// BenchmarkDecode is the decoding of a small answer.
func BenchmarkDecode(b *testing.B) {
	body := []byte(status)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode[statusResponse]("http://gg:9011/services/v2/extracts/EXT1/info/status", body); err != nil {
			b.Fatal(err)
		}
	}
}
