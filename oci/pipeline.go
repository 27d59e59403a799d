package oci

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Pipeline is a pipeline, in which OCI itself manages GoldenGate's processes.
type Pipeline struct {
	// Label is the display name. If several pipelines share it, each gets a suffix from the end of
	// its OCID, which is ID.
	Label, ID, DisplayName string
	// Status is the lifecycle state, and SubStatus the operation in progress, in lower case.
	Status, SubStatus string
	// Processes are the running processes, sorted by name; nil if the pipeline is not running.
	Processes []PipelineProcess
}

// PipelineProcess is an Extract or Replicat of a pipeline.
type PipelineProcess struct {
	Name string
	// Type is extract or replicat, and Status the state, in lower case.
	Type, Status string
	// Lag is the lag of the last record in seconds, and LastProcessed when that record was
	// processed.
	Lag           wire.Number
	LastProcessed wire.Timestamp
}

// readPipelines reads the pipelines of every recipe in a compartment, without deleted ones (GET
// /pipelines), and the processes of those that run. It needs inspect goldengate-pipelines, and read
// goldengate-pipelines for the processes.
func (s *session) readPipelines(ctx context.Context, compartment string) ([]*Pipeline, error) {
	items, err := s.list(ctx, "/pipelines", func(page *string) common.OCIRequest {
		return goldengate.ListPipelinesRequest{CompartmentId: &compartment, Page: page, Limit: new(pageLimit)}
	})
	if err != nil {
		return nil, err
	}
	var pipelines []*Pipeline
	errs, running := make([]error, len(items)), map[int]*Pipeline{}
	for i, item := range items {
		p := &Pipeline{}
		if errs[i] = p.fill(item); p.ID == "" || p.Status == stateDeleted {
			continue
		}
		if pipelines = append(pipelines, p); p.runs() {
			running[i] = p
		}
	}
	asked := slices.Sorted(maps.Keys(running))
	onEach(len(asked), func(i int) {
		errs[asked[i]] = wire.Join(errs[asked[i]], s.readProcesses(ctx, running[asked[i]]))
	})
	return pipelines, wire.Summarize(errs, "pipelines")
}

// fill sets the fields that an answer has.
func (p *Pipeline) fill(body []byte) error {
	f, err := wire.FieldsOf(body)
	if err != nil {
		return err
	}
	if !wire.Need(f, "id", &p.ID) {
		return f.Err()
	}
	wire.Take(f, "displayName", &p.DisplayName)
	wire.TakeWord(f, "lifecycleState", &p.Status)
	wire.TakeWord(f, "lifecycleSubState", &p.SubStatus)
	return f.Err()
}

// runs reports whether the pipeline has processes to ask for.
func (p *Pipeline) runs() bool { return p.Status == "active" && p.SubStatus != "stopped" }

// readProcesses reads the processes of a pipeline (GET /pipelines/{pipeline}/runningProcesses).
func (s *session) readProcesses(ctx context.Context, p *Pipeline) error {
	items, err := s.list(ctx, "/pipelines/{pipelineId}/runningProcesses", func(page *string) common.OCIRequest {
		return goldengate.ListPipelineRunningProcessesRequest{PipelineId: &p.ID, Page: page, Limit: new(pageLimit)}
	})
	if err != nil {
		return fmt.Errorf("pipeline %q: %w", p.DisplayName, err)
	}
	errs := make([]error, len(items))
	for i, item := range items {
		var process PipelineProcess
		if errs[i] = process.fill(item); process.Name != "" {
			p.Processes = append(p.Processes, process)
		}
	}
	slices.SortFunc(p.Processes, func(a, b PipelineProcess) int { return cmp.Compare(a.Name, b.Name) })
	p.Processes = slices.CompactFunc(p.Processes, func(a, b PipelineProcess) bool { return a.Name == b.Name })
	if err := wire.Summarize(errs, "processes"); err != nil {
		return fmt.Errorf("pipeline %q: %w", p.DisplayName, err)
	}
	return nil
}

// fill sets the fields that an answer has.
func (p *PipelineProcess) fill(body []byte) error {
	f, err := wire.FieldsOf(body)
	if err != nil {
		return err
	}
	if !wire.Need(f, "name", &p.Name) {
		return f.Err()
	}
	wire.TakeWord(f, "processType", &p.Type)
	wire.TakeWord(f, "status", &p.Status)
	wire.Take(f, "lastRecordLagInSeconds", &p.Lag)
	wire.Take(f, "timeLastProcessed", &p.LastProcessed)
	return f.Err()
}
