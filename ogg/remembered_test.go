package ogg_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// fickle is a GoldenGate whose answers have other names in each poll.
type fickle struct {
	kind string // of the names that change
	n    atomic.Int64
}

// ServeHTTP implements http.Handler.
func (f *fickle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, body := f.answer(r.URL.EscapedPath())
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// answer returns the answer to a request.
func (f *fickle) answer(path string) (int, string) {
	ends := func(ends ...string) bool {
		for _, end := range ends {
			if strings.HasSuffix(path, end) {
				return true
			}
		}
		return false
	}
	wrap := func(format string, a ...any) (int, string) {
		return http.StatusOK, `{"response":` + fmt.Sprintf(format, a...) + "}"
	}
	switch {
	case ends("/installation/services") && f.kind == "failing deployment":
		return http.StatusInternalServerError, ""
	case ends("/installation/deployments"):
		return wrap(`{"deployments":[%s]}`, f.names(`{"deploymentName":"d%s","status":"running"}`, "deployment", "failing deployment"))
	case ends("/installation/services"):
		services := []string{f.names(`{"serviceName":"adminsrvr%s","deploymentName":"d","status":"running"}`, "service")}
		for _, name := range []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"} {
			services = append(services, f.names(`{"serviceName":"`+name+`","deploymentName":"d%s","status":"running"}`, "deployment"))
		}
		return wrap(`{"services":[%s]}`, strings.Join(services, ","))
	case ends("/config/health"):
		return wrap(`{"healthy":true,"started":"2026-01-01T00:00:00Z"}`)
	case ends("/info/status") && f.kind == "403", ends("/checkpoints") && f.kind == "trail beside a failing path" && f.n.Load()%2 == 0:
		return http.StatusForbidden, `{"messages":[{"code":"OGG-1","severity":"ERROR","title":"no"}]}`
	case ends("/info/status", "/info", "/checkpoints") && f.kind == "404":
		return http.StatusNotFound, `{"messages":[{"code":"OGG-1","severity":"ERROR","title":"no"}]}`
	case ends("/extracts", "/replicats"):
		return wrap(`{"items":[%s]}`, f.names(`{"name":"E%s","status":"running"}`, "process", "403", "404", "failing"))
	case ends("/info/status") && f.kind == "failing":
		return http.StatusInternalServerError, ""
	case ends("/trails"):
		return wrap(`{"items":[%s]}`, f.names(`{"name":"ea","path":"/t%s","sequence":1,"offset":1,"sequenceMin":1,"sequenceMax":1}`, "trail", "trail beside a failing path"))
	case ends("/sources", "/targets"):
		return wrap(`{"items":[%s]}`, f.names(`{"name":"P%s","status":"running"}`, "path", "404", "failing"))
	case ends("/checkpoints"):
		return wrap(`{"current":{"input":[%s]}}`, f.names(`{"current":{"name":"eb","path":"/t%s","sequence":1,"offset":1}}`, "trail", "trail beside a failing path"))
	case ends("/mpoints/processes"):
		return wrap(`{"processes":[%s]}`, f.names(`{"processName":"E%s","processType":"extract","processState":"running"}`, "process", "table", "404"))
	case ends("/statisticsTableExtract"):
		return wrap(`{"statisticsTableExtract":[%s]}`, f.names(`{"tableName":"T%s","inserts":1}`, "table"))
	case ends("/certificates"):
		return wrap(`{"items":[%s]}`, f.names(`{"name":"type%s"}`, "certificate"))
	case strings.Contains(path, "/certificates/"):
		return wrap(`{"items":[]}`)
	case strings.Contains(path, "/mpoints/"):
		return http.StatusNotFound, ""
	default:
		return wrap(`{"items":[],"build":{"version":"23"}}`)
	}
}

// names returns a few entries, whose names change if the kind is one of these.
func (f *fickle) names(entry string, kinds ...string) string {
	if !slices.Contains(kinds, f.kind) {
		return fmt.Sprintf(entry, "")
	}
	all := make([]string, 5)
	for i := range all {
		all[i] = fmt.Sprintf(entry, fmt.Sprint(f.n.Load(), "x", i))
	}
	return strings.Join(all, ",")
}

// TestRememberedIsBounded checks that what the client remembers does not grow with names that are
// others in each poll; except for trails, whose names are kept up to a limit. That no goroutine is
// left is what the bubble checks.
func TestRememberedIsBounded(t *testing.T) {
	t.Parallel()
	polls := 30
	if bubble.UnderRace {
		t.Log("a third of the polls, because of the race detector")
		polls = 10
	}
	for _, kind := range []string{
		"deployment", "failing deployment", "service", "process", "path", "trail", "trail beside a failing path",
		"table", "certificate", "403", "404", "failing",
	} {
		t.Run(kind, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				f := &fickle{kind: kind}
				at := bubble.Listen(t)
				server := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
				go func() { _ = server.Serve(at) }()
				defer func() { _ = server.Close() }()
				sm := oggtest.ConfigFor("gg", "http://"+at.Addr().String())
				sm.ReverseProxy = true
				c, err := ogg.NewClient(sm, ogg.Options{Dial: bubble.Dialer(t), Tables: ogg.TableOptions{Max: 10}})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				var counts []int
				for range 3 {
					for range polls {
						c.Poll(t.Context())
						f.n.Add(1)
						time.Sleep(time.Minute)
					}
					counts = append(counts, ogg.Remembered(c))
				}
				most := counts[1] + 50
				if strings.HasPrefix(kind, "trail") {
					most = 10_000
				}
				if counts[2] > most {
					t.Errorf("entries after %d polls, as many again and as many again: %v", polls, counts)
				}
			})
		})
	}
}
