package main

import (
	"context"
	"fmt"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// measureSequential compares a scrape with a client that sends one request at a time, as a script
// does. What can be won is what the bare client wins that checks the login, too.
func measureSequential(ctx context.Context, b *bench) error {
	for _, c := range []struct {
		name string
		size oggtest.FleetSize
	}{
		{"one deployment of 200", oneOf200},
		{"ten deployments of 50", tenOf50},
	} {
		err := b.on(ctx, FleetOptions{FleetSize: c.size, Latency: latency}, byDefault, func(f *fleet, e *exporter) error {
			w, err := b.compareWalls(ctx, scopes[0], f, e, byDefault, 3)
			if err != nil {
				return err
			}
			script, err := startClient(ctx, f)
			if err != nil {
				return err
			}
			defer script.end()
			sequential, err := script.send(w.requests, 0)
			if err != nil {
				return err
			}
			can := sequential.Seconds() / w.checked.median()
			b.atLeast("sequential ratio, "+c.name, sequential.Seconds()/w.exporter.median(), can/1.05, "%.1f",
				fmt.Sprintf(" (%.2f s to %.0f ms; bare client with the login check %.1f)", sequential.Seconds(), w.exporter.median()*1e3, can),
				"max_concurrent_requests, 8")
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
