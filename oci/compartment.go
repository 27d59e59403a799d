package oci

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// identityPath is the version of the API of OCI's service Identity, which lists compartments.
const identityPath = "20160918"

// compartment is a compartment and the one that contains it; a tenancy is its root compartment.
type compartment struct{ id, parent string }

// findCompartments returns the compartments to read: those of the configuration and, if it includes
// them, all below. If these cannot be listed, it returns those of the previous refresh, with the
// error.
func (s *session) findCompartments(ctx context.Context, before *Inventory) ([]string, []Read, error) {
	roots := s.config.CompartmentIDs
	if !s.config.IncludeSubcompartments {
		return roots, nil, nil
	}
	begin := time.Now()
	if s.tenancy == "" {
		err := errors.New("the credentials name no tenancy")
		return roots, []Read{timed(PartCompartments, begin, err)}, err
	}
	all, err := s.readCompartments(ctx)
	found := below(roots, all)
	if err != nil && before != nil {
		found = below(slices.Concat(found, before.compartments), nil)
	}
	return found, []Read{timed(PartCompartments, begin, err)}, err
}

// readCompartments lists the active compartments of the tenancy that the user may see (GET
// /compartments of the service Identity). An item that cannot be identified is an error; the others
// are still returned. It needs inspect compartments in the tenancy.
func (s *session) readCompartments(ctx context.Context) ([]compartment, error) {
	items, err := s.atIdentity().list(ctx, "/compartments", func(page *string) common.OCIRequest {
		return identity.ListCompartmentsRequest{
			CompartmentId: &s.tenancy, CompartmentIdInSubtree: new(true), Page: page, Limit: new(pageLimit),
			AccessLevel: identity.ListCompartmentsAccessLevelAccessible, LifecycleState: identity.CompartmentLifecycleStateActive,
		}
	})
	found, errs := make([]compartment, len(items)), make([]error, len(items))
	for i, item := range items {
		f, err := wire.FieldsOf(item)
		if err == nil {
			err = found[i].fill(f)
		}
		errs[i] = err
	}
	return found, wire.Join(err, wire.Summarize(errs, "compartments"))
}

// fill sets the fields that an item has. Without an OCID it is no compartment.
func (c *compartment) fill(f *wire.Fields) error {
	if wire.Need(f, "id", &c.id) && !strings.HasPrefix(c.id, "ocid1.compartment.") {
		c.id = ""
		f.Fail(errors.New("id: not the OCID of a compartment"))
	}
	wire.Need(f, "compartmentId", &c.parent)
	return f.Err()
}

// atIdentity returns the session for the service Identity.
func (s *session) atIdentity() *session {
	other := s.part()
	other.sdk.Host, other.sdk.BasePath = s.identityURL, identityPath
	return other
}

// below returns the roots and all compartments below them, each once, those of the configuration
// first.
func below(roots []string, all []compartment) []string {
	children, met := map[string][]string{}, map[string]bool{}
	for _, c := range all {
		children[c.parent] = append(children[c.parent], c.id)
	}
	var found []string
	for next := roots; len(next) > 0; next = next[1:] {
		if id := next[0]; id != "" && !met[id] {
			met[id] = true
			found = append(found, id)
			next = slices.Concat(next, children[id])
		}
	}
	return found
}
