package rest

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"

	promconfig "github.com/prometheus/common/config"
)

// tallied is a transport that counts its requests, and how often its idle connections were closed.
type tallied struct{ requests, closed int }

// RoundTrip implements http.RoundTripper.
func (c *tallied) RoundTrip(*http.Request) (*http.Response, error) {
	c.requests++
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// CloseIdleConnections counts.
func (c *tallied) CloseIdleConnections() { c.closed++ }

// TestRenewing: a transport is used until what the certificate file holds changes. Then a new one takes
// its place, and its idle connections are closed. Nothing is sent while the file cannot be used.
func TestRenewing(t *testing.T) {
	ca := certificateOf(t)
	synctest.Test(t, func(t *testing.T) {
		var made []*tallied
		r, file := &fileReader{}, written(t, ca)
		transport := newRenewing(r, promconfig.TLSConfig{CAFile: file}, func(c *tls.Config) (http.RoundTripper, error) {
			if c.RootCAs == nil {
				t.Error("made without the certificates")
			}
			made = append(made, &tallied{})
			return made[len(made)-1], nil
		})
		send := func() error {
			r.expire()
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://gg", nil)
			answer, err := transport.RoundTrip(request)
			if err == nil {
				_ = answer.Body.Close()
			}
			return err
		}
		change := func(text string) {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(send(), send()); err != nil || len(made) != 1 || made[0].requests != 2 {
			t.Errorf("unchanged: %v, %d transports", err, len(made))
		}
		change("no certificate")
		if err := send(); err == nil || made[0].closed != 0 {
			t.Errorf("not a certificate: %v, %d transports", err, len(made))
		}
		change(ca + ca)
		if err := errors.Join(send(), send()); err != nil || len(made) != 2 || made[0].closed != 1 || made[1].requests != 2 {
			t.Errorf("changed: %v, %d transports", err, len(made))
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if err := send(); !errors.Is(err, fs.ErrNotExist) || made[1].requests != 2 {
			t.Errorf("removed: got %v", err)
		}
		change(ca + ca)
		if err := send(); err != nil || len(made) != 2 {
			t.Errorf("mended: %v, %d transports", err, len(made))
		}
	})
}
