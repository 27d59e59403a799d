package oncall

import (
	"os"
	"runtime/debug"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400)                          // there is little to keep, and much to do
	otel.SetTracerProvider(noop.NewTracerProvider()) // Prometheus makes spans of everything, and nobody looks at them
	os.Exit(m.Run())
}

// TestFiles asks for the sum of what the tests read, which make test gives. It is not in this module, so the go command
// would otherwise take a result from its cache although a rule has changed since.
func TestFiles(t *testing.T) {
	if os.Getenv("ONCALL_FILES") == "" && os.Getenv("CI") != "" {
		t.Error("results may be of other rules: run make test")
	}
}
