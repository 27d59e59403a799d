package server_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestEventsShowNoSecret: of reports, messages, tasks and parameters that contain secrets, none is in
// metrics, on a page or in the log, which has the reason of an abend.
func TestEventsShowNoSecret(t *testing.T) {
	t.Parallel()
	i := twoDeployments(false)
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	i.Clock = clock
	north := &i.Deployments[0]
	north.Processes = []oggtest.Process{{Name: "EXT9"}, {Name: "REP9", Type: oggtest.Replicat, Status: "abended", Stopped: time.Hour, ErrorText: "Bad row, PASSWORD=" + oggtest.Secret}}
	north.Tasks = []oggtest.Task{{Name: "purge", Description: oggtest.Secret, Purges: []string{"ea"}}}
	gg, sm := simulate(t, "gg", i)
	var log bytes.Buffer
	mask := func(text string) string { return text[:min(len(text), len("Bad row"))] }
	e := newExporterWith(t, &log, server.Options{EnableDebug: true, Client: ogg.Options{Mask: mask, MessageCodes: true, Now: clock.Now}}, sm)
	shown := e.scrape(t, "60")
	gg.SetProcessStatus("north", "EXT9", "abended")
	clock.Advance(10 * time.Minute)
	shown += e.scrape(t, "60") + e.scrapeAt(t, "/probe?target=gg&debug=1", "60")
	_, page := e.get(t, "/")
	_, status := e.get(t, "/api/status.json")
	shown += page + status + log.String()
	if strings.Contains(shown, oggtest.Secret) {
		t.Error("a secret is shown")
	}
	for _, part := range []string{
		`ogg_process_last_error_info{code="OGG-00664",deployment="north",process="EXT9",`,
		`ogg_process_last_error_info{code="OGG-01296",deployment="north",process="REP9",`,
		`ogg_message_codes_total{code="OGG-00664",deployment="north",service_manager="gg"} 1`,
		`ogg_messages_total{deployment="north",service_manager="gg",severity="error"} 2`,
		`ogg_task_info{command="purge trails",deployment="north",service_manager="gg",task="purge"} 1`,
		`error="Bad row"`,
	} {
		if !strings.Contains(shown, part) {
			t.Errorf("%s is missing", part)
		}
	}
}
