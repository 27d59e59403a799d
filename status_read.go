package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/status"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// latest is what was read of one Service Manager, as its status and its pipelines need it.
type latest struct {
	status   status.Source
	pipeline pipeline.Source
}

// readOnce polls the Service Managers, and what is found in Oracle Cloud, once and at the same time, each
// within its timeout. It fails only if ctx ends.
func readOnce(ctx context.Context, c *config.Config, o ogg.Options) ([]latest, error) {
	parts := make([][]latest, len(c.ServiceManagers)+len(c.OCI))
	var reads sync.WaitGroup
	for i, sm := range c.ServiceManagers {
		reads.Go(func() { parts[i] = pollOnce(ctx, []oci.Target{{ServiceManager: sm}}, o) })
	}
	for i, entry := range c.OCI {
		reads.Go(func() { parts[len(c.ServiceManagers)+i] = refreshOnce(ctx, entry, o) })
	}
	reads.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("--status: %w", err)
	}
	return slices.Concat(parts...), nil
}

// pollOnce polls each target. A poll that is traced reads everything, also what others read only from
// time to time.
func pollOnce(ctx context.Context, targets []oci.Target, o ogg.Options) []latest {
	sources := make([]latest, len(targets))
	traced := ogg.WithTrace(ctx, func(ogg.Exchange) {})
	var polls sync.WaitGroup
	for i, target := range targets {
		polls.Go(func() {
			s := status.Source{Name: target.Name, URL: target.URL.String()}
			client, err := ogg.NewClient(target.ServiceManager, o)
			if err != nil {
				s.Errors = []string{wire.Line(err.Error())}
			} else {
				defer client.Close()
				client.SetManagedStatus(target.Status)
				s.User, s.Latest = client.User, client.Poll(traced)
			}
			sources[i] = latest{s, pipeline.Source{Latest: s.Latest, Fresh: true, Hosts: target.Hosts()}}
		})
	}
	polls.Wait()
	return sources
}

// cloudParts are the parts of a refresh without which deployments may be missing.
var cloudParts = []string{oci.PartCompartments, oci.PartDeployments, oci.PartDetails, oci.PartScrape}

// refreshOnce refreshes an entry for Oracle Cloud and polls the deployments that it finds. What failed is
// in a source with the name of the entry.
func refreshOnce(ctx context.Context, entry config.OCI, o ogg.Options) []latest {
	failed := status.Source{Name: entry.Name}
	client, err := oci.NewClient(entry, oci.Options{UserAgent: o.UserAgent, Logger: o.Logger})
	if err != nil {
		failed.Errors = []string{wire.Line(err.Error())}
		return []latest{{status: failed}}
	}
	defer client.Close()
	found := client.Refresh(ctx)
	for _, read := range found.Reads {
		if read.Err != nil && slices.Contains(cloudParts, read.Part) {
			failed.Errors = append(failed.Errors, read.Part+": "+wire.Line(read.Err.Error()))
		}
	}
	sources := pollOnce(ctx, found.Targets(), o)
	if failed.Errors != nil {
		sources = append(sources, latest{status: failed})
	}
	return sources
}
