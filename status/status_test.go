package status_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// TestStates checks the state of everything that can be in one, and of pipelines through that, as text and
// as JSON.
func TestStates(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s := start(t, everything())
		time.Sleep(20 * time.Minute) // that long it makes no checkpoint
		sm := s.Config("gg")
		expect(t, &sm, "PLANNED", "", "", config.ExpectStopped, false)
		expect(t, &sm, "RUNS", "", "", config.ExpectStopped, false)
		expect(t, &sm, "GONE", "", "north", config.ExpectRunning, true)
		expect(t, &sm, "", "planned", "", config.ExpectStopped, false)
		expect(t, &sm, "", "", "planned", config.ExpectStopped, false)
		got := status.New([]status.Source{read(t, sm)}, graph(), time.Now(), "1.2.3")
		var text, json strings.Builder
		if err := status.WriteText(&text, got, false); err != nil {
			t.Fatal(err)
		}
		if err := status.WriteJSON(&json, got); err != nil {
			t.Fatal(err)
		}
		golden(t, "states.txt", text.String())
		golden(t, "states.json", json.String())
		if code := got.ExitCode(); code != 1 {
			t.Errorf("exit status %d", code)
		}
	})
}

// TestUnread checks what is said of what could not be read: where, by which service, as which user.
func TestUnread(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		two := func() oggtest.Installation {
			return oggtest.Installation{Deployments: []oggtest.Deployment{
				{Name: "north", Processes: []oggtest.Process{{Name: "EXT1"}, {Name: "EXT2"}}},
				{Name: "south", Processes: []oggtest.Process{{Name: "EXT3"}}},
			}}
		}
		partly := two()
		partly.Deployments[0].User, partly.Deployments[0].Password = "other", "other-Pw1"
		p := start(t, partly)
		p.Fault(oggtest.Target{Deployment: "south", Service: "distsrvr"}, oggtest.Fault{Refused: true})
		p.Fault(oggtest.Target{Deployment: "south", Path: "/services/v2/extracts/EXT3/info/status"}, oggtest.Fault{Status: 500})
		gone := start(t, two())
		gone.Close()
		locked := start(t, two()).Config("locked")
		locked.HTTPClient.BasicAuth.Password = "wrong-Pw1"
		old := read(t, start(t, two()).Config("old"))
		old.Stale = true
		sources := []status.Source{
			read(t, p.Config("partly")), read(t, gone.Config("gone")), read(t, locked), {Name: "new", URL: "https://new:7809"}, old,
		}
		now := time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
		for _, s := range sources {
			if s.Latest != nil { // retries take a random time
				s.Latest.Begin = now
			}
		}
		old.Latest.Begin = now.Add(-10 * time.Minute)
		got := status.New(sources, nil, now, "1.2.3")
		var text strings.Builder
		if err := status.WriteText(&text, got, false); err != nil {
			t.Fatal(err)
		}
		golden(t, "unread.txt", text.String())
		if code := got.ExitCode(); code != 2 {
			t.Errorf("exit status %d", code)
		}
		if strings.Contains(text.String(), "wrong-Pw1") || strings.Contains(text.String(), oggtest.DefaultPassword) {
			t.Error("it shows a password")
		}
	})
}
