package oci_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// compartments are as many compartments with one of everything each, and an entry that reads them.
func compartments(t testing.TB, n int) (*ocitest.Server, config.OCI) {
	t.Helper()
	plane := ocitest.ControlPlane{}
	for i := range n {
		id := fmt.Sprintf("ocid1.compartment.oc1..number%d", i)
		plane.Compartments = append(plane.Compartments, id)
		plane.Deployments = append(plane.Deployments, ocitest.Deployment{
			CompartmentID: id, DisplayName: fmt.Sprintf("d%d", i), Healthy: new(true), Backups: []ocitest.Backup{{Begin: moment, End: moment}},
		})
		plane.Connections = append(plane.Connections, ocitest.Connection{CompartmentID: id, Name: "c"})
		plane.Pipelines = append(plane.Pipelines, ocitest.Pipeline{
			CompartmentID: id, Name: fmt.Sprintf("p%d", i), Processes: []ocitest.Process{{Name: "EXT", Type: "EXTRACT"}},
		})
	}
	s, c := start(t, plane)
	c.CompartmentIDs = plane.Compartments
	c.Timeout = time.Minute
	return s, c
}

// countsOf counts what an Inventory has of each part.
func countsOf(inv *oci.Inventory) map[string]int {
	counts := map[string]int{oci.PartDeployments: len(inv.Deployments), oci.PartConnections: inv.Connections["active"]}
	for _, d := range inv.Deployments {
		if d.Healthy != nil {
			counts[oci.PartDetails]++
		}
		if !d.LastBackup.IsZero() {
			counts[oci.PartBackups]++
		}
	}
	for _, p := range inv.Pipelines {
		counts[oci.PartPipelines] += len(p.Processes)
	}
	return counts
}

// TestHangCostsItsPart lets all requests of a kind hang: the other parts are read in full, and at
// once.
func TestHangCostsItsPart(t *testing.T) {
	t.Parallel()
	const n = 8
	for path, part := range map[string]string{
		"/deployments": oci.PartDeployments, "/deployments/*": oci.PartDetails, "/deploymentBackups": oci.PartBackups,
		"/connections": oci.PartConnections, "/pipelines": oci.PartPipelines, "/pipelines/*/runningProcesses": oci.PartPipelines,
	} {
		t.Run(part, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, c := compartments(t, n)
				client, _ := newClient(t, c)
				client.Refresh(context.Background())
				s.Fault(ocitest.Target{Path: path}, ocitest.Fault{Hang: true})
				inv := client.Refresh(context.Background())
				if failed := slices.Collect(maps.Keys(errorsOf(inv))); !slices.Equal(failed, []string{part}) {
					t.Errorf("failed: %v", errorsOf(inv))
				}
				counts := countsOf(inv)
				for _, other := range []string{oci.PartDeployments, oci.PartBackups, oci.PartConnections, oci.PartPipelines} {
					if other != part && counts[other] != n {
						t.Errorf("%d %s", counts[other], other)
					}
				}
				for _, r := range inv.Reads {
					if r.Took >= time.Second && r.Part != part && (r.Part != oci.PartDetails || part != oci.PartDeployments) || r.Took > c.Timeout {
						t.Errorf("%s took %v", r.Part, r.Took)
					}
				}
			})
		})
	}
}

// TestHangCostsItsCompartment lets a list hang in several compartments: the others are read.
func TestHangCostsItsCompartment(t *testing.T) {
	t.Parallel()
	const n = 8
	for _, test := range []struct {
		path, part string
		hanging    int
	}{
		{"/deployments", oci.PartDeployments, 5},
		{"/deploymentBackups", oci.PartBackups, 5},
		{"/pipelines", oci.PartPipelines, 3}, // processes wait behind those that are retried
	} {
		t.Run(test.part, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				part, hanging := test.part, test.hanging
				s, c := compartments(t, n)
				for _, id := range c.CompartmentIDs[:hanging] {
					s.Fault(ocitest.Target{Path: test.path, Compartment: id}, ocitest.Fault{Hang: true})
				}
				client, _ := newClient(t, c)
				inv := client.Refresh(context.Background())
				failed := errorsOf(inv)
				if len(failed) != 1 || !strings.HasPrefix(failed[part], fmt.Sprintf("%d of %d compartments: compartment …", hanging, n)) ||
					!strings.Contains(failed[part], "no answer in time") {
					t.Errorf("failed: %v", failed)
				}
				counts := countsOf(inv)
				if counts[part] != n-hanging {
					t.Errorf("%d %s", counts[part], part)
				}
				if part == oci.PartDeployments && counts[oci.PartDetails] != n-hanging {
					t.Errorf("%d details", counts[oci.PartDetails])
				}
			})
		})
	}
}

// TestHangCostsItself lets the request for one thing hang: its neighbours in the compartment are
// read, and what answers late is read, too.
func TestHangCostsItself(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		plane := ocitest.ControlPlane{}
		for i := range 5 {
			id := fmt.Sprint("number", i)
			plane.Deployments = append(plane.Deployments, ocitest.Deployment{ID: id, DisplayName: id, Healthy: new(true)})
			plane.Pipelines = append(plane.Pipelines, ocitest.Pipeline{ID: id, Name: id, Processes: []ocitest.Process{{Name: "EXT", Type: "EXTRACT"}}})
		}
		s, c := start(t, plane)
		c.Timeout = time.Minute
		for _, path := range []string{"/deployments/number0", "/pipelines/number0/runningProcesses"} {
			s.Fault(ocitest.Target{Path: path}, ocitest.Fault{Hang: true})
		}
		s.Fault(ocitest.Target{Path: "/deployments/number1"}, ocitest.Fault{Hang: true, Times: 1})
		client, _ := newClient(t, c)
		inv := client.Refresh(context.Background())
		counts, failed := countsOf(inv), errorsOf(inv)
		if counts[oci.PartDetails] != 4 || counts[oci.PartPipelines] != 4 || len(inv.Pipelines) != 5 {
			t.Errorf("got %v", counts)
		}
		if len(failed) != 2 || !strings.HasPrefix(failed[oci.PartDetails], `1 of 5 deployments: deployment "number0": GET /deployments/{deploymentId}: no answer in time`) ||
			!strings.HasPrefix(failed[oci.PartPipelines], `compartment …citest: 1 of 5 pipelines: pipeline "number0": GET /pipelines/{pipelineId}/runningProcesses: no answer in time`) {
			t.Errorf("failed: %v", failed)
		}
	})
}

// TestInFlight counts the requests that are in flight when nothing answers: at most two for each part.
func TestInFlight(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, c := compartments(t, 8)
		client, _ := newClient(t, c)
		client.Refresh(context.Background())
		for _, path := range []string{"/deployments", "/deployments/*", "/deploymentBackups", "/connections", "/pipelines", "/pipelines/*/runningProcesses"} {
			if path == "/deployments" {
				s.Fault(ocitest.Target{Path: path, Compartment: c.CompartmentIDs[0]}, ocitest.Fault{Hang: true})
				s.Fault(ocitest.Target{Path: path, Compartment: c.CompartmentIDs[1]}, ocitest.Fault{Hang: true})
				continue
			}
			s.Fault(ocitest.Target{Path: path}, ocitest.Fault{Hang: true})
		}
		before := len(s.Requests())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			client.Refresh(context.Background())
		}()
		synctest.Wait()
		hanging := map[string]int{}
		for _, r := range s.Requests()[before:] {
			if r.Status == 0 {
				hanging[strings.SplitN(r.Path, "/", 3)[1]]++
			}
		}
		if total := hanging["deployments"]; total > 4 || hanging["deploymentBackups"] != 2 || hanging["connections"] != 2 || hanging["pipelines"] != 2 {
			t.Errorf("in flight: %v", hanging)
		}
		<-ended
	})
}
