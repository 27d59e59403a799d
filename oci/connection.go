package oci

import (
	"context"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// stateUnknown stands for a state that OCI does not report.
const stateUnknown = "unknown"

// readConnections returns the states of the connections of every type in a compartment, without
// deleted ones (GET /connections); nil if they cannot be listed. It needs inspect
// goldengate-connections.
func (s *session) readConnections(ctx context.Context, compartment string) ([]string, error) {
	items, err := s.list(ctx, "/connections", func(page *string) common.OCIRequest {
		return goldengate.ListConnectionsRequest{CompartmentId: &compartment, Page: page, Limit: new(pageLimit)}
	})
	if err != nil {
		return nil, err
	}
	states, errs := make([]string, 0, len(items)), make([]error, len(items))
	for i, item := range items {
		f, err := wire.FieldsOf(item)
		if err != nil {
			errs[i] = err
			continue
		}
		status := stateUnknown
		wire.TakeWord(f, "lifecycleState", &status)
		if errs[i] = f.Err(); status != stateDeleted {
			states = append(states, status)
		}
	}
	return states, wire.Summarize(errs, "connections")
}
