package main

import (
	"context"
	"fmt"
)

// measureConcurrency compares a scrape with a bare client that has as many requests in flight to a
// service, and with the time that the busiest service needs if it is never idle. That it is while
// the requests are answered on which its own depend: one round trip for each step but the last. So
// the ratio cannot be 1: for 200 processes, the 203 requests to the busiest service take 25.4 round
// trips, and its 200 last ones 25 after the 2 of the steps before, which is 1.064; with the 2 round
// trips of the login check 1.143.
func measureConcurrency(ctx context.Context, b *bench) error {
	return b.on(ctx, FleetOptions{FleetSize: oneOf200, Latency: latency}, byDefault, func(f *fleet, e *exporter) error {
		for i, s := range scopes {
			w, err := b.compareWalls(ctx, s, f, e, byDefault, []int{7, 2}[i])
			if err != nil {
				return err
			}
			busy := roundTrips(busiest(w.requests)) * latency.Seconds()
			b.atMost("concurrency ratio to a bare client with the login check, "+s.name, w.ratio(), 1.05, "%.2f",
				fmt.Sprintf(" (%.0f ms, at least %.0f, to %.0f; bare client without the check %.0f ms)",
					w.exporter.median()*1e3, w.exporter.least()*1e3, w.checked.median()*1e3, w.plain.median()*1e3),
				fmt.Sprintf("the %d requests to the busiest service, %d at once: %.2f × their time; at least %.3f × because of the steps before, %.3f × with the login check",
					busiest(w.requests), byDefault, w.exporter.median()/busy, leastRatio(stepsOf(w.requests)), leastRatio(withLoginCheck(w.requests))))
		}
		return nil
	})
}

// roundTrips returns how many round trips it takes to send n requests, byDefault at once.
func roundTrips(n int) float64 { return float64(n) / byDefault }

// leastRatio returns by how much the steps take longer, at least, than the requests to the busiest
// service alone.
func leastRatio(steps [][]Request) float64 {
	var all []Request
	turns := 0
	for _, step := range steps {
		all = append(all, step...)
		turns += (busiest(step) + byDefault - 1) / byDefault
	}
	return float64(turns) / roundTrips(busiest(all))
}
