package server_test

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestHostilePeers: whatever answers in GoldenGate's place does, each scrape is valid, in time and
// without secrets, the other Service Manager is complete, and after that the exporter recovers.
func TestHostilePeers(t *testing.T) {
	t.Parallel()
	for _, h := range oggtest.Hostiles() {
		if h == oggtest.WindowOverflow {
			continue // makes goroutines wait for a mutex for ever, which no bubble nor this process survives
		}
		for name, at := range map[string]oggtest.Target{
			"one service":         {Deployment: "north", Service: "adminsrvr"},
			"the Service Manager": {Service: "ServiceManager"},
		} {
			t.Run(string(h)+" of "+name, func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) { meet(t, h, at) })
			})
		}
	}
}

// meet scrapes while a service is hostile, and afterwards.
func meet(t *bubble.T, h oggtest.Hostile, at oggtest.Target) {
	t.Helper()
	gg, sm := simulate(t, "gg", twoDeployments(false))
	sm.Timeout = configured
	_, other := simulate(t, "other", twoDeployments(false))
	log := &locked{}
	e := newExporterWith(t, log, server.Options{EnableDebug: true}, sm, other)
	before := samples(e.scrape(t, "6"))
	others := func(lines []string) []string { return samples(strings.Join(lines, "\n"), `service_manager="other"`) }

	mend := gg.Fault(at, oggtest.Fault{Hostile: h})
	for range 2 {
		begin := time.Now()
		exposition := e.scrape(t, "6")
		if took := time.Since(begin); took > 5500*time.Millisecond {
			t.Errorf("took %s", took)
		}
		checkValid(t, string(h), exposition)
		if got := others(samples(exposition)); !slices.Equal(got, others(before)) {
			t.Errorf("the other Service Manager is not complete:\n%s", strings.Join(got, "\n"))
		}
		checkBounded(t, exposition)
		checkEchoes(t, "the exposition", exposition)
		checkEchoes(t, "the page", e.scrapeAt(t, "/", ""))
		time.Sleep(time.Minute)
	}
	checkEchoes(t, "debug", e.scrapeAt(t, "/probe?target=gg&debug=1", "6"))
	checkEchoes(t, "the log", log.String())
	mend()
	time.Sleep(time.Hour)
	if after := samples(e.scrape(t, "6")); !slices.Equal(after, before) {
		t.Errorf("not whole again: %d samples, want %d", len(after), len(before))
	}
}

// checkBounded checks that nothing from outside makes lines of an exposition long.
func checkBounded(t testing.TB, exposition string) {
	t.Helper()
	for line := range strings.Lines(exposition) {
		if len(line) > 4096 {
			t.Errorf("a line of %d bytes: %.300s", len(line), line)
		}
	}
}

// checkEchoes checks that a text is short, and shows no login.
func checkEchoes(t testing.TB, where, text string) {
	t.Helper()
	login := base64.StdEncoding.EncodeToString([]byte(oggtest.DefaultUser + ":" + oggtest.DefaultPassword))
	for _, secret := range []string{login, oggtest.DefaultPassword} {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s shows a secret: %s", where, text[max(0, i-200):i])
		}
	}
	if len(text) > 1<<20 {
		t.Errorf("%s has %s bytes", where, strconv.Itoa(len(text)))
	}
}
