package main

import (
	"context"
	"fmt"
	"strconv"
)

// measureRequests compares the requests of a scrape with the least that the API allows, and counts
// its new connections.
func measureRequests(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: latency, RequestLog: requestLog}
	o.Paths = 2
	return b.on(ctx, o, byDefault, func(f *fleet, e *exporter) error {
		for i, s := range scopes {
			if err := e.warm(ctx, s.path); err != nil {
				return err
			}
			requests, err := f.requests(e.scraping(ctx, s))
			if err != nil {
				return err
			}
			least, err := f.least(s)
			if err != nil {
				return err
			}
			more, fewer := difference(requests, least)
			b.add("requests per scrape, "+s.name, fmt.Sprintf("%d (%d that are not on the list written from the API, %d on it not sent)", len(requests), len(more), len(fewer)),
				strconv.Itoa(len(least)), []string{
					"the API: the lag of a process is only in its own status",
					"the API: each figure of a process is a route of its own",
				}[i], len(more)+len(fewer) == 0)
			fresh, err := newConnections(ctx, e, s, requests)
			if err != nil {
				return err
			}
			b.add("new connections per scrape, "+s.name, strconv.Itoa(fresh), "0", "net/http, which begins to connect as soon as a request waits", fresh == 0)
		}
		return nil
	})
}

// newConnections counts the connections to the services that 3 scrapes open.
func newConnections(ctx context.Context, e *exporter, s scope, requests []Request) (int, error) {
	ports := portsOf(requests)
	before, err := connectionsTo(ports)
	if err != nil {
		return 0, err
	}
	if err := repeat(3, e.scraping(ctx, s)); err != nil {
		return 0, err
	}
	after, err := connectionsTo(ports)
	return after.newSince(before), err
}
