package ogg

import (
	"context"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// reader reads one collector's part of a deployment. It reports whether there was anything
// to read.
type reader struct {
	collector string
	read      func(context.Context, *visit, *Deployment) (bool, error)
}

// into makes a reader's read from a function that returns what it found, which goes into the
// given field of the deployment.
func into[T any](field func(*Deployment) *T, read func(context.Context, *visit) (T, bool, error)) func(context.Context, *visit, *Deployment) (bool, error) {
	return func(ctx context.Context, v *visit, d *Deployment) (bool, error) {
		found, asked, err := read(ctx, v)
		*field(d) = found
		return asked, err
	}
}

// readers are what is read of a deployment. Those of a row run one after the other: the later
// ones use what the earlier ones learn, or ask the same service for what matters less in the
// time that is left. The rows run concurrently, because each asks another service.
var readers = [][]reader{
	{
		{"service", into(func(d *Deployment) *[]*Service { return &d.Services }, readServices)},
		{"deployment", into(func(d *Deployment) **Build { return &d.Build }, readBuild)},
		{"deployment", into(func(d *Deployment) *[]APIVersion { return &d.APIVersions }, readVersions)},
	},
	{
		{"process", into(func(d *Deployment) *[]*Process { return &d.Processes }, readProcesses)},
		{"definition", func(ctx context.Context, v *visit, d *Deployment) (asked bool, err error) {
			d.Definitions, asked, err = readDefinitions(ctx, v, d.Processes)
			return asked, err
		}},
		{"message", func(ctx context.Context, v *visit, d *Deployment) (asked bool, err error) {
			d.LastErrors, asked, err = readLastErrors(ctx, v, d.Processes)
			return asked, err
		}},
		{"checkpoint", func(ctx context.Context, v *visit, d *Deployment) (asked bool, err error) {
			d.Checkpoints, asked, err = readCheckpoints(ctx, v, d.Processes)
			return asked, err
		}},
		{"trail", into(func(d *Deployment) *[]*Trail { return &d.Trails }, readTrails)},
		{"task", into(func(d *Deployment) *[]*Task { return &d.Tasks }, readTasks)},
		{"heartbeat", into(func(d *Deployment) *[]*TableHeartbeat { return &d.TableHeartbeats }, readHeartbeatTable)},
	},
	{
		{"distribution_path", into(func(d *Deployment) *[]*DistributionPath { return &d.DistributionPaths }, readDistributionPaths)},
		{"data_stream", into(func(d *Deployment) *[]*DataStream { return &d.DataStreams }, readDataStreams)},
		{"trail", into(func(d *Deployment) *[]*ExtractTrail { return &d.ExtractTrails }, readExtractTrails)},
	},
	{
		{"receiver_path", into(func(d *Deployment) *[]*ReceiverPath { return &d.ReceiverPaths }, readReceiverPaths)},
	},
	{
		{"heartbeat", into(func(d *Deployment) *[]*Heartbeat { return &d.Heartbeats }, readHeartbeats)},
		{"performance", into(func(d *Deployment) *Monitoring { return &d.Monitoring }, readPerformance)},
		{"message", into(func(d *Deployment) **Messages { return &d.Messages }, readMessages)},
		{"worker", into(func(d *Deployment) *[]*Workers { return &d.Workers }, readWorkers)},
		{"table", into(func(d *Deployment) *[]*Tables { return &d.Tables }, readTables)},
	},
	{
		{"certificate", into(func(d *Deployment) *[]*Certificate { return &d.Certificates }, readCertificates)},
	},
}

// readRow runs those readers of a row that the poll needs.
func readRow(ctx context.Context, v *visit, d *Deployment, row []reader) []Read {
	var reads []Read
	for _, r := range row {
		if !v.reads(r.collector) {
			continue
		}
		begin, asked := time.Now(), true // also if it panics
		within, odd := rest.WithOddities(ctx)
		err := v.options.Panics.Catch("collector "+r.collector, func() (err error) {
			asked, err = r.read(within, v, d)
			return err
		})
		if asked {
			reads = append(reads, Read{r.collector, time.Since(begin), wire.Join(err, odd.Err())})
		}
	}
	return reads
}
