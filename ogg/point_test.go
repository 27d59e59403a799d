package ogg

import (
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestPointMemory checks when what was learned about a process is forgotten: not if its start
// time, or the whole list, is missing from an answer.
func TestPointMemory(t *testing.T) {
	t.Parallel()
	first := wire.TimestampOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	second := wire.TimestampOf(first.Add(time.Hour))
	listed := func(at wire.Timestamp) []*Monitored { return []*Monitored{{Name: "EXT1", Started: at}} }
	for name, c := range map[string]struct {
		begin wire.Timestamp
		then  [][]*Monitored
		kept  bool
	}{
		"the same":                    {first, [][]*Monitored{listed(first)}, true},
		"restarted":                   {first, [][]*Monitored{listed(second)}, false},
		"not listed":                  {first, [][]*Monitored{{}, listed(first)}, false},
		"no list":                     {first, [][]*Monitored{nil, listed(first)}, true},
		"no start time":               {first, [][]*Monitored{listed(wire.Timestamp{}), listed(first)}, true},
		"no start time at first":      {wire.Timestamp{}, [][]*Monitored{listed(first), listed(first)}, true},
		"no start time, restarted":    {first, [][]*Monitored{listed(wire.Timestamp{}), listed(second)}, false},
		"none at first, restarted":    {wire.Timestamp{}, [][]*Monitored{listed(first), listed(second)}, false},
		"no list, and then a restart": {first, [][]*Monitored{nil, listed(second)}, false},
	} {
		var m pointMemory
		process := listed(c.begin)[0]
		before := m.lacking(process)
		for _, processes := range c.then {
			m.keep(processes)
		}
		if kept := m.lacking(process) == before; kept != c.kept {
			t.Errorf("%s: kept %v", name, kept)
		}
	}
}
