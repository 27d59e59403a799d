// Package e2e tests the exporter from outside: its program beside Prometheus,
// Alertmanager and systemd, and the files of this repository that those programs read.
// Tests of what is inside the exporter belong to the packages that have it.
package e2e

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// programs is the directory of the programs that tests have built.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "ogg_exporter-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(programs)
		os.Exit(code)
	}))
}
