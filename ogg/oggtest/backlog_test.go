package oggtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// TestBacklogsAgree moves generated installations through 50 random moments, between which processes
// and paths stop and start, and compares the backlogs that a client finds with those of the model.
func TestBacklogsAgree(t *testing.T) {
	t.Parallel()
	for n, release := range Releases {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			r, clock := rand.New(rand.NewPCG(uint64(n), 3)), NewManualClock(noon)
			i := generated(r)
			i.Clock, i.Release = clock, release
			s := start(t, i)
			c, err := ogg.NewClient(s.Config("gg"), ogg.Options{Collectors: []string{"process", "distribution_path", "receiver_path", "trail"}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			found := 0
			for range 50 {
				clock.Advance(time.Duration(r.Int64N(int64(20 * time.Minute))))
				disturb(s, r)
				found += compareBacklogs(t, s, c.Poll(context.Background()), clock.Now())
			}
			if found == 0 {
				t.Error("no backlogs")
			}
		})
	}
}

// compareBacklogs compares all backlogs of an installation, and returns how many there are.
func compareBacklogs(t *testing.T, s *Server, inst *ogg.Installation, now time.Time) (found int) {
	t.Helper()
	if inst.Err != nil {
		t.Fatal(inst.Err)
	}
	for _, d := range inst.Deployments[1:] {
		for _, read := range d.Reads {
			if read.Err != nil {
				t.Fatal(d.Name, read)
			}
		}
		i := slices.IndexFunc(s.deployments, func(o *deployment) bool { return o.spec.Name == d.Name })
		model := s.deployments[i]
		for _, p := range d.Processes {
			if pr := model.process(p.Name); pr != nil && p.Position != nil {
				found += compareBacklog(t, model, p.Name, s.profile, pr, pr.in, p.Position.Backlog, now)
			}
		}
		for _, p := range d.DistributionPaths {
			dp := model.path(distribution, p.Name)
			for _, at := range p.Inputs {
				found += compareBacklog(t, model, "path "+p.Name, s.profile, &dp.work, dp.work.in, at.Backlog, now)
			}
		}
	}
	return found
}

// compareBacklog compares the backlog of a reader. The end of a trail is what its writer reports: an
// Extract writes up to now, a receiver path reports its checkpoint, since 19c, and the size of its
// files is not reported before 23ai.
func compareBacklog(t *testing.T, d *deployment, name string, p *profile, reader *process, trail *trailFiles, got interface{ Value() (float64, bool) }, now time.Time) int {
	t.Helper()
	want := "none"
	sequence, offset := trail.end(now)
	writer := trail.writer
	extract := slices.Contains(d.processes, writer)
	if writer != nil && !extract {
		at := writer.at(now)
		sequence, offset = trail.position(at.bytes)
	}
	at := reader.at(now)
	if known := writer != nil && (extract || p.trailNames && !writer.run.started.IsZero()); known {
		want = fmt.Sprint(float64(max(0, (sequence-at.sequence)*trail.size+offset-at.offset)))
	}
	have := "none"
	if v, known := got.Value(); known {
		have = fmt.Sprint(v)
	}
	if have != want {
		t.Fatalf("%s %s has a backlog of %s, and %s in the model: at %d %d of %d %d", d.spec.Name, name, have, want, at.sequence, at.offset, sequence, offset)
	}
	if want == "none" {
		return 0
	}
	return 1
}
