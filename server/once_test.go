package server_test

import (
	"io"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestServing: nothing is asked of Oracle Cloud before the exporter serves.
func TestServing(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c, serving := simulateCompartment(t), make(chan struct{})
		e := newExporterOf(t, io.Discard, server.Options{Serving: serving}, &config.Config{OCI: []config.OCI{c.entry}})
		time.Sleep(time.Hour)
		if n := len(c.Requests()); n > 0 {
			t.Errorf("%d requests before it serves", n)
		}
		close(serving)
		e.eventually(t, "/metrics", []string{ociIsUp}, nil)
	})
}
