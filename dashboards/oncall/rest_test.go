package oncall

import (
	"cmp"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/rules"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestDemoAtRest: for six hours, nothing ends in the demo that receivers were notified of, and then exactly those
// alerts fire and are not muted that README.md lists. One Prometheus is enough here.
func TestDemoAtRest(t *testing.T) {
	want := listed(t)
	bubble.Run(t, func(t *bubble.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		f, am := startDemo(t), startAlertmanager(t)
		startReplica(ctx, t, 10*time.Second, 0, f.scrape, rules.SendAlerts(am, prometheusURL))
		time.Sleep(6 * time.Hour)
		if got := am.firing(); !slices.Equal(got, want) {
			t.Errorf("after six hours these fire:\n%s\nbut README.md lists:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		am.mu.Lock()
		defer am.mu.Unlock()
		for _, n := range am.all {
			if n.status != "firing" {
				t.Errorf("%s %s", n.status, n.what)
			}
		}
	})
}

// listed returns the alerts of the demo that README.md lists, sorted.
func listed(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	must(t, err)
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^\| (pager|tickets) \| (Ogg\w+) \| (\S+) \|`).FindAllStringSubmatch(string(text), -1) {
		all = append(all, strings.Join(m[1:], " "))
	}
	slices.Sort(all)
	return all
}

// brief is an alert as README.md has it: its name and what it is about, such as emea/london/EXTORD.
func brief(l model.LabelSet) string {
	parts := []model.LabelValue{cmp.Or(l["service_manager"], l["oci"]), l["deployment"], cmp.Or(l["name"], l["process"], l["path"], l["microservice"])}
	var known []string
	for _, p := range parts {
		if p != "" {
			known = append(known, string(p))
		}
	}
	return string(l[model.AlertNameLabel]) + " " + strings.Join(known, "/")
}
