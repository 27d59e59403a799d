package server_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// locked is a buffer that several goroutines may write to.
type locked struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

// TestOnlyGET: whatever happens, GET is all that is sent.
func TestOnlyGET(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		for name, auth := range map[string]oggtest.Auth{"basic": oggtest.AuthBasic, "digest": oggtest.AuthDigest} {
			t.Run(string(release)+" "+name, func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) {
					i := twoDeployments(false)
					i.Release, i.Auth, i.RequestLog = release, auth, 10_000
					gg, sm := simulate(t, "gg", i)
					e := newExporter(t, io.Discard, sm)
					e.scrape(t, "5")
					for _, name := range []string{"503", "reset", "truncated", "401", "redirect elsewhere"} {
						mend := gg.Fault(oggtest.Target{Deployment: "north"}, faults[name])
						e.scrape(t, "2")
						mend()
					}
					for _, r := range gg.Requests() {
						if r.Method != http.MethodGet {
							t.Errorf("%s: %s %s was sent", release, r.Method, r.Path)
						}
					}
					if len(gg.Requests()) < 50 {
						t.Errorf("%s: only %d requests", release, len(gg.Requests()))
					}
				})
			})
		}
	}
}

// TestNoSecretShown: no password or token in any log line, page, error or
// metric, and none at another host.
func TestNoSecretShown(t *testing.T) {
	t.Parallel()
	const password, token = "hunter2-password", "hunter2-token"
	hidden := []string{password, token, base64.StdEncoding.EncodeToString([]byte(oggtest.DefaultUser + ":" + password))}
	for name, login := range map[string]promconfig.HTTPClientConfig{
		"basic":  {BasicAuth: &promconfig.BasicAuth{Username: oggtest.DefaultUser, Password: password}},
		"bearer": {Authorization: &promconfig.Authorization{Type: "Bearer", Credentials: token}},
		"file":   {BasicAuth: &promconfig.BasicAuth{Username: oggtest.DefaultUser, PasswordFile: "/no/such/file"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				var strayed locked
				other := &httptest.Server{Listener: bubble.Listen(t), Config: &http.Server{
					Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _ = r.Write(&strayed) }),
				}}
				other.Start()
				defer other.Close()
				var log locked
				for fault := range faults {
					i := twoDeployments(false)
					i.Password, i.Token = password, token
					if login.Authorization != nil {
						i.Auth = oggtest.AuthBearer
					}
					gg, sm := simulate(t, "gg", i)
					sm.HTTPClient, sm.Timeout = login, 100*time.Millisecond
					sm.HTTPClient.FollowRedirects = true
					sm.Deployments = []config.Deployment{{Name: "south", HTTPClient: sm.HTTPClient}}
					e := newExporterWith(t, &log, server.Options{EnableDebug: true}, sm)
					f := faults[fault]
					if f.Redirect != "" {
						f.Redirect = other.URL
					}
					for _, target := range []oggtest.Target{{Deployment: "north"}, {}} {
						mend := gg.Fault(target, f)
						_, page := e.get(t, "/")
						_, status := e.get(t, "/api/status.json")
						for _, text := range []string{e.scrape(t, ""), page, status, e.scrapeAt(t, "/probe?target=gg&debug=1", "")} {
							checkHidden(t, fault, text, hidden)
						}
						mend()
					}
					for _, path := range []string{"/", "/api/status.json"} {
						_, text := e.get(t, path)
						checkHidden(t, fault, text, hidden)
					}
					e.close()
					gg.Close()
				}
				checkHidden(t, "log", log.String(), hidden)
				if !strings.Contains(log.String(), "Reading GoldenGate failed") {
					t.Error("nothing was logged")
				}
				if strayed.Len() > 0 {
					t.Errorf("sent to another host:\n%s", strayed.String())
				}
			})
		})
	}
}

func checkHidden(t testing.TB, where, text string, hidden []string) {
	t.Helper()
	for _, secret := range hidden {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows a secret:\n%s", where, text)
		}
	}
}
