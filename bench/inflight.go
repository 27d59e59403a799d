package main

import (
	"context"
	"strconv"
)

// measureInFlight counts the requests that are in flight to one Service Manager at the same time.
func measureInFlight(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: longLatency, RequestLog: requestLog}
	return b.on(ctx, o, byDefault, func(f *fleet, e *exporter) error {
		s := scopes[1]
		if err := e.warm(ctx, s.path); err != nil {
			return err
		}
		requests, err := f.requests(e.scraping(ctx, s))
		if err != nil {
			return err
		}
		most := mostInFlight(requests, longLatency)
		b.add("requests in flight to one Service Manager, ten deployments of 50", strconv.Itoa(most), "≤ "+strconv.Itoa(mostToOneHost),
			"max_concurrent_requests_total", most <= mostToOneHost)
		return nil
	})
}
