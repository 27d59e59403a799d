package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// measureStart measures the time from exec to the first scrape of the demo, and the size of
// the binary.
func measureStart(ctx context.Context, b *bench) error {
	var took values
	for range b.times(7) {
		begin := time.Now()
		e, err := b.startExporter(ctx, "--demo")
		if err != nil {
			return err
		}
		_, err = e.scrape(ctx, "/metrics", patience)
		took = append(took, time.Since(begin).Seconds())
		e.end()
		if err != nil {
			return err
		}
	}
	b.atMost("start: from exec to first scrape of the demo", took.median()*1e3, 300, "%.0f ms", fmt.Sprintf(", at least %.0f ms", took.least()*1e3),
		"the demo's simulation, which is in the same process")
	program, err := os.Stat(b.program)
	if err != nil {
		return err
	}
	b.atMost("size of the binary", mebibytes(program.Size()), 20, "%.1f MiB", "", "Oracle's SDK and Prometheus's libraries")
	return nil
}
