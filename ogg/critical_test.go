package ogg_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestCriticalResourceOfAnother checks that of two reports of one critical resource the one of its
// own deployment counts, whichever comes first, and that the other is a failure of the deployment
// that made it.
func TestCriticalResourceOfAnother(t *testing.T) {
	t.Parallel()
	for owner, other := range map[string]string{"north": "south", "south": "north"} {
		i := north(oggtest.Release26ai)
		i.Deployments = append(i.Deployments, oggtest.Deployment{Name: "south"})
		s, sm := simulate(t, i)
		for name, healthy := range map[string]string{owner: "true", other: "false"} {
			s.Fault(oggtest.Target{Deployment: name, Service: "adminsrvr", Path: "/services/v2/config/health"}, oggtest.Fault{Body: `{"response":{"healthy":true,
				"criticalResources":[{"name":"EXT1","type":"extract","healthy":` + healthy + `,"deploymentName":"` + owner + `"}]}}`})
		}
		inst := newClient(t, sm).Poll(context.Background())
		own := deployment(t, inst, owner).Service("adminsrvr").CriticalResources
		if len(own) != 1 || !*own[0].Healthy || len(deployment(t, inst, other).Service("adminsrvr").CriticalResources) != 0 {
			t.Errorf("of %s: got %+v", owner, own)
		}
		var duplicate *ogg.DuplicateError
		if err := read(t, inst, other, "service").Err; !errors.As(err, &duplicate) {
			t.Errorf("of %s: %s reports %v", owner, other, err)
		}
		if err := read(t, inst, owner, "service").Err; err != nil {
			t.Errorf("of %s: %v", owner, err)
		}
	}
}
