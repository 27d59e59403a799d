package oncall

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/rules"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestDemoAtRest: six hours after its start, the demo fires exactly what README.md lists: what receivers know of then.
// There is one Prometheus, for two would say the same.
func TestDemoAtRest(t *testing.T) {
	want := listed(t)
	bubble.Run(t, func(t *bubble.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		f, am := startDemo(t), startAlertmanager(t)
		startReplica(ctx, t, time.Minute, 10*time.Second, f.scrape, rules.SendAlerts(am, "http://prometheus.example.com"))
		begun := time.Now()
		time.Sleep(6 * time.Hour)
		var got []string
		am.mu.Lock()
		defer am.mu.Unlock()
		for what, status := range am.last {
			if status == "firing" {
				got = append(got, what)
			}
		}
		slices.Sort(got)
		for _, n := range am.all {
			t.Logf("%.0f %s %s", n.at.Sub(begun).Minutes(), n.status, n.what)
		}
		if text := strings.Join(got, "\n"); text != strings.Join(want, "\n") {
			t.Errorf("after six hours these fire:\n%s\nbut README.md lists:\n%s", text, strings.Join(want, "\n"))
		}
	})
}

// listed returns the alerts of the demo that README.md lists.
func listed(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	must(t, err)
	var all []string
	for _, m := range regexp.MustCompile("(?m)^\\| (pager|tickets) \\| `(Ogg[^`]+)`").FindAllStringSubmatch(string(text), -1) {
		all = append(all, m[1]+" "+m[2])
	}
	return all
}
