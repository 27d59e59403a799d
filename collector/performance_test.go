package collector_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestWorkers checks that a release that lists the workers of a parallel Replicat without their
// parent gives the same samples as one that does not list them, and one ogg_process_info each.
func TestWorkers(t *testing.T) {
	t.Parallel()
	exposed := func(listed bool) []string {
		return strings.Split(withoutDurations(expose(t, start(t, oggtest.Installation{
			Release: oggtest.Release19c, Clock: oggtest.NewManualClock(now),
			Deployments: []oggtest.Deployment{{Name: "north", Processes: []oggtest.Process{
				{Name: "PAR", Type: oggtest.Replicat, Mode: oggtest.Parallel, Appliers: 2, ListsWorkers: listed, Started: time.Hour},
			}}},
		}))), "\n")
	}
	without := exposed(false)
	more := slices.DeleteFunc(exposed(true), func(line string) bool { return slices.Contains(without, line) })
	want := []string{
		`ogg_process_info{deployment="north",mode="parallelapplier",parent="",process="PARA01",process_type="replicat",service_manager="gg"} 1`,
		`ogg_process_info{deployment="north",mode="parallelapplier",parent="",process="PARA02",process_type="replicat",service_manager="gg"} 1`,
		`ogg_process_info{deployment="north",mode="parallelmapper",parent="",process="PARM01",process_type="replicat",service_manager="gg"} 1`,
		`ogg_process_info{deployment="north",mode="parallelmapper",parent="",process="PARM02",process_type="replicat",service_manager="gg"} 1`,
	}
	if !slices.Equal(more, want) {
		t.Errorf("got %q, want %q", more, want)
	}
}
