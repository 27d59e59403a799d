package rest

import (
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestStartForgets checks when what was learned about a service is forgotten: also if one of the
// answers between two starts did not report the start time.
func TestStartForgets(t *testing.T) {
	t.Parallel()
	first := wire.TimestampOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	second := wire.TimestampOf(first.Add(time.Hour))
	for name, c := range map[string]struct {
		then    []wire.Timestamp
		forgets bool
	}{
		"the same":                   {[]wire.Timestamp{first, first}, false},
		"another":                    {[]wire.Timestamp{second}, true},
		"not reported":               {[]wire.Timestamp{{}}, false},
		"not reported, then another": {[]wire.Timestamp{{}, second}, true},
	} {
		var s start
		s.begin(first)
		before := s.remembered()
		for _, at := range c.then {
			s.begin(at)
		}
		if got := s.remembered() != before; got != c.forgets {
			t.Errorf("%s: forgets %v", name, got)
		}
	}
}
