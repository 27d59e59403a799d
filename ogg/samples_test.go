package ogg

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

const samples = "../../shared/reference/samples/admin"

// TestSamples decodes every available recorded and documented body. Answers to a POST or DELETE
// have no response, which the decoder must report; all others must be read.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(samples, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("LEFT OUT: %s is not there", samples)
	}
	decoded := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(file)
			if strings.Contains(name, "-post.") || strings.Contains(name, "-delete.") {
				checkWithoutResponse(t, name, body)
				return
			}
			check, known := sampleChecks[name]
			if !known {
				t.Fatalf("no check for %s: say in sampleChecks what has to come of it", name)
			}
			check(t, body)
			decoded++
		})
	}
	if decoded != len(sampleChecks) {
		t.Errorf("%d of %d checked samples are there", decoded, len(sampleChecks))
	}
}

// checkWithoutResponse checks the body of a POST or DELETE. Most have no response; commands
// have one, which the decoder returns.
func checkWithoutResponse(t *testing.T, name string, body []byte) {
	t.Helper()
	response, err := rest.Decode[json.RawMessage](name, body)
	if strings.Contains(name, "command") {
		if err != nil || len(response) == 0 {
			t.Errorf("got %s, %v", response, err)
		}
		return
	}
	var without *BodyError
	if !errors.As(err, &without) || !strings.HasPrefix(without.Got, "an envelope without a response") {
		t.Errorf("got %s, %v", response, err)
	}
	if strings.Contains(string(body), `"OGG-`) && !strings.Contains(err.Error(), "OGG-") {
		t.Errorf("the message is not in %v", err)
	}
}

// sampleChecks check the result of each body of a GET.
var sampleChecks = map[string]func(*testing.T, []byte){
	"config-health-check-get.19c.json": func(t *testing.T, body []byte) {
		h := must[health](t, body)
		if h.Healthy == nil || !*h.Healthy || h.Started.UTC().Format("2006-01-02T15:04:05.000Z") != "2019-03-15T14:40:41.353Z" {
			t.Errorf("got %+v", h)
		}
	},
	"config-health-get.21.3.json": func(t *testing.T, body []byte) {
		h := must[health](t, body)
		if h.Healthy == nil || !*h.Healthy || h.Started.IsZero() || len(h.CriticalResources) != 0 {
			t.Errorf("got %+v", h)
		}
	},
	"extracts-get.26ai-nginx-single.json": func(t *testing.T, body []byte) {
		list := must[itemList](t, body)
		if len(list.Items) != 1 || list.Items[0] != (item{Name: "EXT1", Status: "running"}) {
			t.Errorf("got %+v", list)
		}
	},
	"installation-configuration-get.26ai.json": func(t *testing.T, body []byte) {
		if c := must[map[string]any](t, body); c["configurationServiceEnabled"] != true {
			t.Errorf("got %v", c)
		}
	},
	"logs-events-get.19c.json": func(t *testing.T, body []byte) {
		if l := must[map[string]any](t, body); l["enabled"] != true {
			t.Errorf("got %v", l)
		}
	},
	"replicats-replicat-info-status-get.12.3.json": func(t *testing.T, body []byte) {
		checkStatus(t, body, 0, 2, position{Name: "X2", Path: "/u02/ogg/Local/var/lib/data", Sequence: wire.NumberOf(0), Offset: wire.NumberOf(3987)})
	},
	"replicats-replicat-info-status-get.19c.response-only.json": func(t *testing.T, body []byte) {
		checkStatus(t, body, 0, 1, position{Name: "lt", Path: "/u01/app/oracle/product/ogg_dep1/var/lib/data/", Sequence: wire.NumberOf(6), Offset: wire.NumberOf(478324)})
	},
}

// checkStatus checks the status of a running Replicat.
func checkStatus(t *testing.T, body []byte, lag, age float64, at position) {
	t.Helper()
	s := must[replicatStatus](t, body)
	if s.Status != "running" || s.Lag.Number != wire.NumberOf(lag) || s.LagAge.Number != wire.NumberOf(age) || s.Position != at || s.LastStarted.IsZero() {
		t.Errorf("got %+v", s)
	}
}

// must decodes a body.
func must[T any](t *testing.T, body []byte) T {
	t.Helper()
	response, err := rest.Decode[T]("sample", body)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
