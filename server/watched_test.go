package server

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// TestWatched compares the page of a poll.
func TestWatched(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	sent := func(after time.Duration, service, path string, attempts, status, size int, err error) request {
		return request{ogg.Exchange{
			Deployment: "north", Microservice: service, Method: http.MethodGet, Path: path, URL: "https://gg:9001" + path,
			Begin: begin.Add(after), Took: 1500 * time.Microsecond, Attempts: attempts, Status: status, Err: err,
		}, size}
	}
	w := &watched{
		options: collector.Options{Enabled: []string{"service", "process"}},
		inst: &ogg.Installation{
			ServiceManager: "gg", Begin: begin, Took: 1234567 * time.Microsecond,
			Deployments: []*ogg.Deployment{
				{Name: "north", Reads: []ogg.Read{
					{Collector: "service", Took: 10 * time.Millisecond},
					{Collector: "process", Took: 20 * time.Millisecond, Err: errors.New("two\nlines\tand a column")},
				}},
			},
		},
		requests: []request{
			sent(0, "adminsrvr", "/extracts", 1, 200, 1234, nil),
			sent(50*time.Microsecond, "adminsrvr", "/replicats", 3, 503, 99, errors.New("503")),
			sent(2*time.Millisecond, "distsrvr", "/sources", 2, 200, 7, nil),
			sent(20*time.Second, "recvsrvr", "/targets?a=b", 0, 0, 0, errors.New("refused before")),
		},
	}
	var page strings.Builder
	if err := w.write(&page); err != nil {
		t.Fatal(err)
	}
	head, exposition, _ := strings.Cut(page.String(), "\nsamples\n")
	const want = `target      gg
began       2026-03-01T12:00:00Z
took        1.2346s
result      incomplete: 1 of 2 reads failed
collectors  service, process

4 requests
after  service          path          attempts  status  took   bytes  decision
0s     north/adminsrvr  /extracts     1         200     1.5ms  1234   ok
100µs  north/adminsrvr  /replicats    3         503     1.5ms  99     retried, error: 503
2ms    north/distsrvr   /sources      2         200     1.5ms  7      retried
20s    north/recvsrvr   /targets?a=b  0         -       1.5ms  0      held back, error: refused before

2 reads
deployment  collector  took  result
north       service    10ms  ok
north       process    20ms  error: two; lines and a column
`
	if head != want {
		t.Errorf("got\n%s", head)
	}
	if !strings.Contains(exposition, "\nogg_up{service_manager=\"gg\"} 1\n") || strings.Contains(exposition, "error:") {
		t.Errorf("samples:\n%s", exposition)
	}
	w.inst.Err = errors.New("no answer")
	page.Reset()
	if err := w.write(&page); err != nil || !strings.Contains(page.String(), "result      failed: no answer\n") {
		t.Errorf("%v\n%s", err, page.String())
	}
}

// TestOneLine: whatever a text holds, it stays in its place.
func TestOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "a\nb": "a; b", "a\tb\vc\fd\re\x00f": `a b c d e\x00f`, "é ü": "é ü", "\u202e\x1b": `\u202e\x1b`} {
		if got := oneLine(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
