package oci_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
)

// nested starts a simulation with a tree of compartments, each with a deployment of its name:
//
//	tenancy > a > b > c
//	        > d
func nested(t *testing.T, roots ...string) (*ocitest.Server, config.OCI) {
	t.Helper()
	plane := ocitest.ControlPlane{PageSize: 1, Compartments: []string{ocitest.TenancyID}, Parents: map[string]string{}}
	for _, edge := range []string{"a <", "b < a", "c < b", "d <"} {
		name, parent, _ := strings.Cut(edge, " <")
		plane.Parents[ocid(name)] = ocid(strings.TrimSpace(parent))
		plane.Compartments = append(plane.Compartments, ocid(name))
		plane.Deployments = append(plane.Deployments, ocitest.Deployment{CompartmentID: ocid(name), DisplayName: name})
	}
	s, c := start(t, plane)
	c.IncludeSubcompartments, c.IdentityEndpoint, c.CompartmentIDs = true, c.Endpoint, nil
	for _, name := range roots {
		c.CompartmentIDs = append(c.CompartmentIDs, ocid(name))
	}
	return s, c
}

// ocid returns the OCID of a compartment; the tenancy's for "".
func ocid(name string) string {
	if name == "" {
		return ocitest.TenancyID
	}
	return "ocid1.compartment.oc1.." + name
}

// TestSubcompartments reads the compartments below those of the configuration, with one list.
func TestSubcompartments(t *testing.T) {
	t.Parallel()
	for roots, want := range map[string]string{"": "a b c d", "a": "a b c", "b": "b c", "c": "c", "a b": "a b c", "d b": "b c d"} {
		s, c := nested(t, strings.Split(roots, " ")...)
		client, _ := newClient(t, c)
		inv := client.Refresh(context.Background())
		if got := strings.Join(labels(inv), " "); got != want || inv.Err != nil {
			t.Errorf("below %q: %s, %v; want %s", roots, got, errorsOf(inv), want)
		}
		lists := 0
		for _, r := range s.Requests() {
			if r.Path == "/compartments" && r.Query["page"] == "" {
				lists++
			}
		}
		if lists != 1 {
			t.Errorf("below %q: %d lists", roots, lists)
		}
	}
}

// TestSubcompartmentsAreKept loses the list of compartments: what was known is still read, and the
// refresh says that something may be missing.
func TestSubcompartmentsAreKept(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]ocitest.Fault{
		"no permission": {Status: http.StatusNotFound, Code: "NotAuthorizedOrNotFound", Message: "no"},
		"no list":       {Body: "{}"},
		"no JSON":       {Body: "<html>"},
		"odd item":      {Set: map[string]any{"compartmentId": 7}, Item: ocid("b")},
	} {
		s, c := nested(t, "a")
		client, _ := newClient(t, c)
		mend := s.Fault(ocitest.Target{Path: "/compartments"}, fault)
		first := client.Refresh(context.Background())
		check(t, name+" at first", first, false, "a")
		mend()
		check(t, name+" mended", client.Refresh(context.Background()), true, "a", "b", "c")
		defer s.Fault(ocitest.Target{Path: "/compartments"}, fault)()
		check(t, name+" again", client.Refresh(context.Background()), false, "a", "b", "c")
	}
}

// check checks what a refresh found, and whether it counts as complete.
func check(t *testing.T, when string, inv *oci.Inventory, complete bool, want ...string) {
	t.Helper()
	_, failed := errorsOf(inv)[oci.PartCompartments]
	if got := labels(inv); !slices.Equal(got, want) || (inv.Err == nil) != complete || failed == complete {
		t.Errorf("%s: %v, %v, %v", when, got, inv.Err, errorsOf(inv))
	}
}

// TestWithoutSubcompartments asks the service Identity for nothing.
func TestWithoutSubcompartments(t *testing.T) {
	t.Parallel()
	s, c := nested(t, "a")
	c.IncludeSubcompartments = false
	client, _ := newClient(t, c)
	inv := client.Refresh(context.Background())
	if got := labels(inv); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %v", got)
	}
	for _, r := range s.Requests() {
		if r.Path == "/compartments" {
			t.Error(fmt.Sprint("asked ", r.Query))
		}
	}
}
