package main

import (
	"context"
	"fmt"
	"time"
)

// measureCPU compares the exporter's CPU time with that of a bare net/http loop that discards the
// answers.
func measureCPU(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: latency}
	return b.compareLoops(ctx, o, []loop{
		{"CPU ratio to a bare loop, " + scopes[0].name, scopes[0], 1.5, 7, 5, httpBound},
		{"CPU ratio to a bare loop, " + scopes[1].name, scopes[1], 1.5, 5, 1, httpBound},
	})
}

// httpBound is what bounds the CPU time.
const httpBound = "net/http, which is the bare loop"

// measureTLS does the same as users run it: over TLS, with ca_file and password_file.
func measureTLS(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: latency, TLS: true}
	return b.compareLoops(ctx, o, []loop{
		{"CPU ratio to a bare TLS loop, ca_file and password_file", scopes[0], 1.6, 5, 4, "net/http and crypto/tls"},
	})
}

// measureDigest does the same with digest authentication. The bare loop computes the response of
// each request, too, with the same library.
func measureDigest(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: latency, Digest: true}
	return b.compareLoops(ctx, o, []loop{
		{"CPU ratio to a bare loop, digest authentication", scopes[0], 1.6, 5, 4, "net/http and a digest for each request"},
	})
}

// measureNGINX does the same with all services behind one front.
func measureNGINX(ctx context.Context, b *bench) error {
	o := FleetOptions{FleetSize: tenOf50, Latency: latency, NGINX: true}
	return b.compareLoops(ctx, o, []loop{
		{"CPU ratio to a bare loop, behind NGINX", scopes[0], 1.6, 5, 4, httpBound},
	})
}

// loop is a comparison of CPU times.
type loop struct {
	figure string
	scope  scope
	target float64
	values int
	batch  int // scrapes per value
	bound  string
}

// compareLoops takes comparisons on one fleet.
func (b *bench) compareLoops(ctx context.Context, o FleetOptions, loops []loop) error {
	return b.on(ctx, o, byDefault, func(f *fleet, e *exporter) error {
		bare, err := startClient(ctx, f)
		if err != nil {
			return err
		}
		defer bare.end()
		for _, l := range loops {
			if err := b.compareCPU(ctx, l, f, e, bare); err != nil {
				return err
			}
		}
		return nil
	})
}

// compareCPU lets the exporter and the bare client take turns.
func (b *bench) compareCPU(ctx context.Context, l loop, f *fleet, e *exporter, bare *client) error {
	requests, err := f.least(l.scope)
	if err != nil {
		return err
	}
	scrape, send := e.scraping(ctx, l.scope), bare.sending(requests)
	if err := repeat(2, scrape); err != nil { // learns
		return err
	}
	if err := send(); err != nil { // open the connections
		return err
	}
	var ratios, exporters, clients values
	before, err := f.cpu()
	if err != nil {
		return err
	}
	begin := time.Now()
	for range b.times(l.values) {
		exporter, err := e.cpuOf(l.batch, scrape)
		if err != nil {
			return err
		}
		client, err := bare.cpuOf(l.batch, send)
		if err != nil {
			return err
		}
		ratios, exporters, clients = append(ratios, exporter/client), append(exporters, exporter), append(clients, client)
	}
	after, err := f.cpu()
	if err != nil {
		return err
	}
	each := 1e6 / float64(len(requests))
	b.atMost(l.figure, ratios.median(), l.target, "%.2f", fmt.Sprintf(" (%.0f to %.0f µs a request, %.2f to %.2f; %d requests; fleet busy %.0f %% of the time)",
		exporters.median()*each, clients.median()*each, ratios.least(), ratios.most(), len(requests),
		100*(after-before).Seconds()/time.Since(begin).Seconds()), l.bound)
	return b.profiled(ctx, e, l.figure, func() error { return repeat(b.times(3)*l.batch, scrape) })
}

// scraping returns a function that scrapes.
func (e *exporter) scraping(ctx context.Context, s scope) func() error {
	return func() error {
		_, err := e.scrape(ctx, s.path, patience)
		return err
	}
}

// sending returns a function that sends the requests, as many at once as the exporter.
func (c *client) sending(requests []Request) func() error {
	return func() error {
		_, err := c.send(requests, byDefault)
		return err
	}
}
