package ogg_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestWithheldIsSaidSeldom: a Service Manager whose series are too many in every second scrape does
// not fill the log.
func TestWithheldIsSaidSeldom(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, north(oggtest.Release26ai))
		g := newGuarded(t, sm)
		for i := range 120 {
			var err error
			if i%2 == 0 {
				err = errors.New("too many")
			}
			g.NoteExport(err)
			time.Sleep(10 * time.Second)
		}
		for _, said := range []string{"too many series", "served again"} {
			if n := strings.Count(g.log.String(), said); n != 2 {
				t.Errorf("%q is said %d times in 20 minutes", said, n)
			}
		}
	})
}
