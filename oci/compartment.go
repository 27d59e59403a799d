package oci

import (
	"errors"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// compartment is a compartment and the one that contains it; a tenancy is its root compartment.
type compartment struct{ id, parent string }

// fill sets the fields that an item has. Without an OCID it is no compartment.
func (c *compartment) fill(f *wire.Fields) error {
	if wire.Need(f, "id", &c.id) && !strings.HasPrefix(c.id, "ocid1.compartment.") {
		c.id = ""
		f.Fail(errors.New("id: not the OCID of a compartment"))
	}
	wire.Need(f, "compartmentId", &c.parent)
	return f.Err()
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
