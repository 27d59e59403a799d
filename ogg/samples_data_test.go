package ogg

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// dataSampleChecks check the result of each body of the Performance Metrics Service. Request
// bodies, and points that the exporter does not read, need only be decoded without a crash.
var dataSampleChecks = map[string]func(*testing.T, []byte){
	"deployments-metrics-patch__26ai-lab.request.json": notAnAnswer,
	"deployments-metrics-patch__26ai.request.json":     notAnAnswer,
	"monitoring-lastMessageId__18.1.json":              anyAnswer,
	"monitoring-lastStatusChangeId__26ai.json":         anyAnswer,
	"monitoring-messages__21.3.json":                   anyAnswer,
	"mpoints-distsrvrNetworkStats__18.1.excerpt.json":  checkNetwork,
	"mpoints-distsrvrNetworkStats__21.3.excerpt.json":  checkNetwork,
	"mpoints-distsrvrTableStats__12.3.excerpt.json": func(t *testing.T, body []byte) {
		s := must[struct{ Statistics []distributionStatistics }](t, body).Statistics
		expect(t, len(s) == 1 && s[0].Name == "PROD.PATH.1" && s[0].LCRsReceived == wire.NumberOf(96) && s[0].Upserts == (wire.Number{}), s)
	},
	"mpoints-heartbeat__21.3.excerpt.json": func(t *testing.T, body []byte) {
		h := must[heartbeats](t, body).Heartbeats
		expect(t, len(h) == 2 && h[0].Lag == wire.NumberOf(3175) && h[1].Age == wire.NumberOf(25023), h)
	},
	"mpoints-parallelReplicat__18.1.json": func(t *testing.T, body []byte) {
		r := must[ParallelReplicat](t, body)
		expect(t, r.Transactions == wire.NumberOf(123) && r.LargeTransactions == wire.NumberOf(9) && r.ActiveAppliers == (wire.Number{}), r)
	},
	"mpoints-pmsrvrStats__26ai.excerpt.json": func(t *testing.T, body []byte) {
		c := must[Collecting](t, body)
		expect(t, c.MissingPackets == wire.NumberOf(12) && c.ReceiveErrors == (wire.Number{}), c)
	},
	"mpoints-positionEr__12.3.excerpt.json": func(t *testing.T, body []byte) {
		p := must[positionEr](t, body)
		expect(t, p.Lag == wire.NumberOf(2100) && p.Operation.IsZero() && !p.Checkpoint.IsZero(), p)
	},
	"mpoints-serviceHealth__26ai.excerpt.json": func(t *testing.T, body []byte) {
		h := must[ServiceHealth](t, body)
		expect(t, h.Healthy == wire.NumberOf(2) && h.Unhealthy == (wire.Number{}), h)
	},
	"mpoints-statisticsExtract__oci-2025.recorded-values.json": func(t *testing.T, body []byte) {
		s := must[Statistics](t, append(append([]byte(`{"response":`), body...), '}')) // the response alone was recorded
		expect(t, s.Inserts == wire.NumberOf(44) && s.Updates == wire.NumberOf(16) && s.Deletes == wire.NumberOf(23) && s.MetadataRecords == wire.NumberOf(5) &&
			s.ConflictsDetected == (wire.Number{}), s)
	},
	"mpoints-statisticsTableExtract__12.3.excerpt.json": func(t *testing.T, body []byte) {
		tables := must[tableStatistics](t, body).OfExtract
		expect(t, len(tables) == 2 && tables[1].Name == "U1.DISTRICT" && tables[1].Updates == wire.NumberOf(200), tables)
	},
	"mpoints-statisticsTableReplicat__18.1.excerpt.json": func(t *testing.T, body []byte) {
		tables := must[tableStatistics](t, body).OfReplicat
		expect(t, len(tables) == 2 && tables[1].Name == "U1.STOCK" && tables[1].Updates == wire.NumberOf(2076), tables)
	},
	"mpoints-trailInput__12.3.json": func(t *testing.T, body []byte) {
		answer := must[trailIOs](t, body)
		trails := answer.appendTo(nil, false)
		expect(t, len(trails) == 1 && trails[0].Sequence == wire.NumberOf(15) && trails[0].Offset == wire.NumberOf(9895570) &&
			trails[0].Bytes == wire.NumberOf(9940646) && trails[0].Reading.Errors == wire.NumberOf(0) && trails[0].Operations == wire.NumberOf(423732) && trails[0].Time == wire.NumberOf(1.761435) && trails[0].location.name == "bb", answer)
	},
}

// TestDataSamples decodes every available body about paths and performance.
func TestDataSamples(t *testing.T) {
	const folder = "../../shared/reference/samples/data"
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("LEFT OUT: %s is not there", folder)
	}
	if len(files) != len(dataSampleChecks) {
		t.Errorf("%d samples and %d checks", len(files), len(dataSampleChecks))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			check, known := dataSampleChecks[filepath.Base(file)]
			if !known {
				t.Fatal("no check for it: say in dataSampleChecks what has to come of it")
			}
			check(t, body)
		})
	}
}

// expect fails the test with what it got, unless ok.
func expect(t *testing.T, ok bool, got any) {
	t.Helper()
	if !ok {
		t.Errorf("got %+v", got)
	}
}

// notAnAnswer checks a request body, which contains no response.
func notAnAnswer(t *testing.T, body []byte) {
	if _, err := rest.Decode[map[string]any]("sample", body); err == nil {
		t.Error("a response was found")
	}
}

// anyAnswer accepts the body of a route that is not read.
func anyAnswer(t *testing.T, body []byte) {
	expect(t, len(must[map[string]any](t, body)) > 1, string(body))
}

// checkNetwork checks the counters of one path, as numbers or as strings.
func checkNetwork(t *testing.T, body []byte) {
	s := must[struct{ Statistics []networkStatistics }](t, body).Statistics
	expect(t, len(s) == 1 && s[0].Name == "PROD.PATH.1" && s[0].BytesSent == wire.NumberOf(10241024) && s[0].MessagesReceived == wire.NumberOf(104), s)
}
