package oci

import (
	"context"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// stateUnknown stands for a state that OCI does not report.
const stateUnknown = "unknown"

// connection is a connection of any type.
type connection struct{ id, status string }

// readConnections returns the connections of every type in a compartment, without deleted ones (GET
// /connections); nil if they cannot be listed. It needs inspect goldengate-connections.
func (s *session) readConnections(ctx context.Context, compartment string) ([]connection, error) {
	items, err := s.list(ctx, "/connections", func(page *string) common.OCIRequest {
		return goldengate.ListConnectionsRequest{CompartmentId: &compartment, Page: page, Limit: new(pageLimit)}
	})
	if err != nil {
		return nil, err
	}
	found, errs := make([]connection, 0, len(items)), make([]error, len(items))
	for i, item := range items {
		f, err := wire.FieldsOf(item)
		if err != nil {
			errs[i] = err
			continue
		}
		c := connection{status: stateUnknown}
		wire.Take(f, "id", &c.id)
		wire.TakeWord(f, "lifecycleState", &c.status)
		if errs[i] = f.Err(); c.status != stateDeleted {
			found = append(found, c)
		}
	}
	return found, wire.Summarize(errs, "connections")
}
