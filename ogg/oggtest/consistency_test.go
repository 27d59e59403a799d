package oggtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestConsistency moves generated installations through 50 random moments, between which processes
// and paths stop and start, and compares what everything in them reports with everything else.
func TestConsistency(t *testing.T) {
	t.Parallel()
	for n := range uint64(20) {
		t.Run(fmt.Sprint("seed ", n), func(t *testing.T) {
			t.Parallel()
			r, clock := rand.New(rand.NewPCG(n, 15)), NewManualClock(noon)
			i := generated(r)
			i.Clock = clock
			s := start(t, i)
			c := consistency{T: t, server: s, before: map[string]int64{}}
			for range 50 {
				clock.Advance(time.Duration(r.Int64N(int64(20 * time.Minute))))
				c.check(clock.Now())
				disturb(s, r)
				c.check(clock.Now())
			}
			c.checkAnswers(clock.Now())
		})
	}
}

// generated returns an installation with chains of all lengths, in a circle of deployments.
func generated(r *rand.Rand) Installation {
	deployments := make([]Deployment, 2+r.IntN(3))
	for n := range deployments {
		d := &deployments[n]
		d.Name = fmt.Sprint("d", n)
		next := fmt.Sprint("d", (n+1)%len(deployments))
		for e := range 1 + r.IntN(3) {
			extract, trail := fmt.Sprintf("E%d%d", n, e), fmt.Sprintf("e%d", e)
			d.Processes = append(d.Processes, generatedProcess(r, extract, trail, Extract), generatedProcess(r, "L"+extract, trail, Replicat))
			d.DistributionPaths = append(d.DistributionPaths, generatedPath(r, extract, trail, next))
			d.DataStreams = append(d.DataStreams, DataStream{Name: extract, Extract: extract, Started: 3 * time.Hour})
		}
		for _, p := range deployments[:n] { // forwards what it gets
			for _, sent := range p.DistributionPaths {
				if sent.Target == d.Name {
					name := "f" + sent.Name
					d.DistributionPaths = append(d.DistributionPaths, generatedPath(r, name, "r"+sent.Name, next))
				}
			}
		}
		d.Processes = append(d.Processes, generatedProcess(r, "RNONE", "zz", Replicat))
	}
	for n, d := range deployments {
		to := &deployments[(n+1)%len(deployments)]
		for _, p := range d.DistributionPaths {
			trail := "r" + p.Name
			to.ReceiverPaths = append(to.ReceiverPaths, ReceiverPath{
				Name: p.Name, Trail: trail, Started: time.Duration(r.IntN(4)) * time.Hour, Lag: time.Duration(r.IntN(9)) * time.Second,
			})
			to.Processes = append(to.Processes, generatedProcess(r, fmt.Sprint("R", len(to.Processes)), trail, Replicat))
		}
	}
	return Installation{Deployments: deployments, RequestLog: -1}
}

func generatedProcess(r *rand.Rand, name, trail string, is ProcessType) Process {
	p := Process{
		Name: name, Type: is, Trail: trail, Mode: []Mode{Integrated, Parallel, Coordinated}[r.IntN(3)], Threads: 1 + r.IntN(4),
		Lag: time.Duration(r.IntN(3)*r.IntN(3000)) * time.Second, LagSwing: time.Duration(r.IntN(2)*r.IntN(40)) * time.Minute, LagPeriod: time.Duration(r.IntN(30)) * time.Minute,
		LagGrowth: float64(r.IntN(2)) * (r.Float64()*3 - 1.5), OperationsSwing: r.Float64(), Started: time.Duration(1+r.IntN(30)) * time.Hour,
		BytesPerSecond: r.Int64N(3_000_000), TrailSizeMB: []int64{0, 1, 7, 100}[r.IntN(4)], TrailKeep: r.Int64N(4) - 1, Sequence: r.Int64N(9),
	}
	switch r.IntN(8) {
	case 0:
		p.Status = "abended"
	case 1:
		p.Stuck = true
	case 2:
		p.NeverStarted = true
	case 3:
		p.AbendsAfter = time.Duration(r.IntN(200)) * time.Minute
	case 4:
		p.RunsFor = p.Started + time.Duration(r.IntN(200)-60)*time.Minute
	}
	return p
}

func generatedPath(r *rand.Rand, name, trail, target string) DistributionPath {
	return DistributionPath{
		Name: name, Extract: name, Trail: trail, Target: target, TargetSizeMB: r.Int64N(50), Started: time.Duration(1+r.IntN(9)) * time.Hour,
		Lag: time.Duration(r.IntN(2)*r.IntN(300)) * time.Second, LagSwing: time.Duration(r.IntN(2)*r.IntN(30)) * time.Minute,
		Status: []string{"running", "running", "running", "stopped"}[r.IntN(4)],
	}
}

// disturb stops, starts or restarts something.
func disturb(s *Server, r *rand.Rand) {
	d := s.deployments[1+r.IntN(len(s.deployments)-1)]
	pr := d.processes[r.IntN(len(d.processes))]
	dp := d.paths[distribution][r.IntN(len(d.paths[distribution]))]
	status := []string{"running", "stopped", "abended", "killed"}[r.IntN(4)]
	switch r.IntN(6) {
	case 0:
		s.RestartProcess(d.spec.Name, pr.spec.Name)
	case 1, 2:
		s.SetProcessStatus(d.spec.Name, pr.spec.Name, status)
	case 3:
		s.SetPathStatus(d.spec.Name, dp.spec.Name, status)
	case 4:
		s.RestartPath(d.spec.Name, dp.spec.Name)
	}
}

// consistency compares what a server reports with what it reported before.
type consistency struct {
	*testing.T
	server *Server
	before map[string]int64
}

func (c *consistency) check(now time.Time) {
	c.Helper()
	for _, d := range c.server.deployments {
		for _, t := range d.used {
			c.checkTrail(d, t, now)
		}
		for _, pr := range d.processes {
			c.checkProcess(d.spec.Name+" "+pr.spec.Name, pr, now)
			c.checkWorkers(d, pr, now)
		}
		for t, paths := range d.paths {
			for _, dp := range paths {
				c.checkProcess(d.spec.Name+" "+string(t)+" "+dp.spec.Name, &dp.work, now)
			}
		}
	}
	if c.Failed() {
		c.FailNow()
	}
}

// grows checks that a figure has not fallen.
func (c *consistency) grows(what string, n int64) {
	c.Helper()
	if n < c.before[what] {
		c.Errorf("%s fell from %d to %d", what, c.before[what], n)
	}
	c.before[what] = n
}

// checkTrail compares a trail with its files and its readers.
func (c *consistency) checkTrail(d *deployment, t *trailFiles, now time.Time) {
	name := d.spec.Name + " trail " + t.name
	last, offset := t.end(now)
	first, lastInUse := t.inUse(now)
	oldest := t.oldest(now)
	c.grows(name+" sequence", last)
	c.grows(name+" first file", oldest)
	if oldest > first || first > lastInUse || lastInUse > last || offset > t.size {
		c.Errorf("%s: files from %d to %d at %d, in use from %d to %d", name, oldest, last, offset, first, lastInUse)
	}
	unread := slices.ContainsFunc(t.readers, func(pr *process) bool { return pr.run.started.IsZero() })
	if keep := t.keep < 0 || unread; keep && oldest != t.first || !keep && oldest != max(t.first, first-t.keep) {
		c.Errorf("%s: the first file is %d", name, oldest)
	}
	space := int64(0)
	for file := oldest; file < last; file++ {
		space += t.size
	}
	if got := t.spaceUsed(now); got != space+offset {
		c.Errorf("%s uses %d bytes, but its files have %d", name, got, space+offset)
	}
	written := now
	if t.writer != nil {
		written = t.writer.reached(now)
	}
	for _, pr := range t.readers {
		at := pr.at(now)
		backlog := (last-at.sequence)*t.size + offset - at.offset
		headers := (last - at.sequence) * trailFileHeader
		if at.bytes == 0 && offset > 0 {
			headers += trailFileHeader
		}
		if left := t.source().bytes(written) - at.bytes; backlog != left+headers || left < 0 || at.offset > t.size {
			c.Errorf("%s: %s is at %d %d, the end is %d %d, but %d bytes are between them", name, pr.spec.Name, at.sequence, at.offset, last, offset, left)
		}
	}
}

// checkProcess compares a process with what is before it.
func (c *consistency) checkProcess(name string, pr *process, now time.Time) {
	at := pr.at(now)
	if again := pr.at(now); again != at {
		c.Errorf("%s: %+v, and then %+v", name, at, again)
	}
	c.grows(name+" sequence", at.sequence)
	c.grows(name+" bytes", at.bytes)
	c.grows(name+" SCN", at.scn)
	c.grows(name+" checkpoint", at.checkpoint.UnixNano())
	moving := pr.running(now) && pr.run.runningTime(now) == now.Sub(pr.run.started)
	up := pr.upstream()
	if up != nil {
		before := up.at(now)
		if at.bytes > up.bytesUntil(up.reached(now)) {
			c.Errorf("%s has read %d bytes, but only %d were written", name, at.bytes, before.bytes)
		}
		if up.lagAt(at.checkpoint) > at.lag && !pr.run.started.IsZero() {
			c.Errorf("%s lags %v, but what is before it lags %v", name, at.lag, up.lagAt(at.checkpoint))
		}
		beat, _ := pr.heartbeat(beatEvery, now)
		if earlier, _ := up.heartbeat(beatEvery, now); earlier > beat && moving {
			c.Errorf("%s got a heartbeat after %v, but what is before it after %v", name, beat, earlier)
		}
		for ; up != nil; up = up.upstream() {
			moving = moving && up.running(now) && up.run.runningTime(at.checkpoint) == at.checkpoint.Sub(up.run.started)
		}
	}
	if moving && at.lag != at.checkpoint.Sub(at.source) {
		c.Errorf("%s lags %v at %v, but has passed on what was committed until %v", name, at.lag, at.checkpoint, at.source)
	}
	if at.lag == 0 && !pr.atEnd(at) && !pr.run.started.IsZero() {
		c.Errorf("%s does not lag, but is not at the end of the file", name)
	}
	if left := pr.bytesUntil(pr.offered(at)) - at.bytes; pr.atEnd(at) != (left == 0) {
		c.Errorf("%s is at the end of the file: %v, but %d bytes are left", name, pr.atEnd(at), left)
	}
}

// checkWorkers compares a Replicat with the sum of its workers.
func (c *consistency) checkWorkers(d *deployment, pr *process, now time.Time) {
	x := &exchange{destination: destination{dep: d}, server: c.server, now: now}
	sum, all := map[role]int64{}, x.family(pr)
	for _, m := range all {
		if m.started.IsZero() {
			return
		}
		sum[m.role] += m.operations()
		if p := m.progress(); m.role == thread && (p.bytes < all[0].progress().bytes || p.lag > all[0].progress().lag || p.lag < 0) {
			c.Errorf("%s: %+v, the whole %+v", m.name, p, all[0].progress())
		}
	}
	for role, n := range sum {
		if n != sum[whole] {
			c.Errorf("%s: %d operations, of which workers in role %d have %d", pr.spec.Name, sum[whole], role, n)
		}
	}
}

// checkAnswers compares what the services answer with the model.
func (c *consistency) checkAnswers(now time.Time) {
	for _, d := range c.server.deployments[1:] {
		admin := c.server.ServiceURL(d.spec.Name, "adminsrvr")
		for _, t := range d.used {
			sequence, offset := t.end(now)
			first, last := t.inUse(now)
			c.compare(admin+"/trails/"+t.name, map[string]int64{
				"sequence": sequence, "offset": offset, "sequenceMin": t.oldest(now), "sequenceMax": sequence, "sizeMB": t.size / 1_000_000,
				"sequenceMinInUse": first, "sequenceMaxInUse": last, "spaceUsed": t.spaceUsed(now),
			})
		}
		for _, pr := range d.processes {
			if at := pr.at(now); pr.spec.Type == Replicat {
				c.compare(admin+"/replicats/"+pr.spec.Name+"/info/status", map[string]int64{
					"position.sequence": at.sequence, "position.offset": at.offset, "lag": int64(at.lag / time.Second),
				})
			}
		}
		for _, dp := range d.paths[distribution] {
			at := dp.work.at(now)
			path := c.server.ServiceURL(d.spec.Name, "distsrvr") + "/sources/" + dp.spec.Name
			c.compare(path+"/info", map[string]int64{"lag": int64(at.lag / time.Second)})
			c.compare(path+"/checkpoints", map[string]int64{"current.input.0.current.sequence": at.sequence, "current.input.0.current.offset": at.offset})
		}
	}
}

func (c *consistency) compare(url string, want map[string]int64) {
	c.Helper()
	r := get(c, c.server, url, 200)
	for at, n := range want {
		if got := r.at("response." + at); got != strconv.FormatInt(n, 10) {
			c.Errorf("%s: %s is %s, but %d in the model", url, at, got, n)
		}
	}
}
