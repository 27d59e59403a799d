package oggtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// backlogsLagsAndPositions match the names of the metrics that TestMetricsAgree compares.
const backlogsLagsAndPositions = `_backlog_|_lag_|_sequence|_offset_bytes|_checkpoint_|_end_of_file|_last_operation_|ogg_trail_(size|file_max)`

// TestMetricsAgree moves generated installations of all releases through 50 random moments, between
// which processes and paths stop and start, and compares all backlogs, lags and positions that are
// exported with those of the model: each that the model has, and no other. The model says them in
// bytes of a stream and in time; how the simulation sends them, the test does not know.
//
// A sample may differ only by what its source cannot tell: parts of a second where the API has whole
// seconds, of a millisecond where it has milliseconds, and what happened since Performance Metrics
// last heard from a process, which it does every second.
func TestMetricsAgree(t *testing.T) {
	t.Parallel()
	for n, release := range Releases {
		seed := uint64(50 + n)
		t.Run(fmt.Sprint(release, " seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 50))
			a := newAgreement(t, r, release)
			for moment := range 50 {
				step := 20 * time.Minute
				if r.IntN(4) == 0 {
					step = 90 * time.Second // less than the checkpoints of Extracts are kept
				}
				a.clock.Advance(time.Duration(r.Int64N(int64(step))))
				upset(a.server, r)
				a.check(moment)
			}
			for family, values := range a.seen {
				if len(values) < 2 {
					t.Errorf("%s never changes", family)
				}
			}
		})
	}
}

// upset stops, starts or restarts something, sometimes a receiver path.
func upset(s *Server, r *rand.Rand) {
	disturb(s, r)
	d := s.deployments[1+r.IntN(len(s.deployments)-1)]
	dp := d.paths[receiver][r.IntN(len(d.paths[receiver]))]
	switch r.IntN(4) {
	case 0:
		s.SetPathStatus(d.spec.Name, dp.spec.Name, []string{"running", "stopped"}[r.IntN(2)])
	case 1:
		s.RestartPath(d.spec.Name, dp.spec.Name)
	}
}

// small returns a generated installation that takes few requests.
func small(r *rand.Rand) Installation {
	for {
		i, processes := generated(r), 0
		for _, d := range i.Deployments {
			processes += len(d.Processes)
		}
		if processes <= 16 {
			return i
		}
	}
}

// varied adds to a generated installation what cannot be told, and what only Extracts have.
func varied(r *rand.Rand, i Installation) {
	for _, d := range i.Deployments {
		for n := range d.Processes {
			switch p := &d.Processes[n]; {
			case p.Type == Extract:
				p.RedoThreads, p.UnknownLag = 1+r.IntN(2), r.IntN(4) == 0
				p.OpenTransactions, p.OldestTransaction = r.IntN(2)*r.IntN(5), time.Duration(1+r.IntN(200))*time.Minute
			case p.Name == "RNONE": // at least one has threads that run
				p.Mode, p.Threads, p.Lag, p.LagSwing = Coordinated, 3, time.Minute, 20*time.Minute
				p.Status, p.NeverStarted, p.Stuck, p.LagGrowth, p.AbendsAfter, p.RunsFor = "", false, false, 0, 0, 0
			}
		}
		for n := range d.DistributionPaths {
			p := &d.DistributionPaths[n]
			if p.UnknownLag = r.IntN(5) == 0; r.IntN(6) == 0 {
				p.NeverStarted, p.Status = true, "stopped"
			}
		}
	}
}

// agreement compares what is exported of a server with its model.
type agreement struct {
	*testing.T
	server *Server
	clock  *ManualClock
	client *ogg.Client
	log    map[*process]*logRead
	seen   map[string]map[float64]bool // values of each metric

	// The following are of one moment.
	now   time.Time
	model claims
}

// logRead is when the client last read the checkpoints of an Extract, and the run that it saw.
type logRead struct {
	at, started time.Time
	status      string
}

// claims are what the model says, by series.
type claims map[string]*claim

// claim is what a sample may be: one of some values, or also missing.
type claim struct {
	values   []value
	optional bool
}

// value is a figure, of which a sample may lack less than cut.
type value struct{ is, cut float64 }

// exact is the difference that a figure may have in float64, which for a Unix time has steps of 0.2 µs.
const exact = 1e-6

func (v value) allows(sample float64) bool {
	lacks := v.is - sample
	return lacks > -exact && lacks < max(exact, v.cut)
}

func newAgreement(t *testing.T, r *rand.Rand, release Release) *agreement {
	a := &agreement{T: t, clock: NewManualClock(noon), log: map[*process]*logRead{}, seen: map[string]map[float64]bool{}}
	i := small(r)
	varied(r, i)
	i.Clock, i.Release, i.Network = a.clock, release, NewNetwork()
	a.server = start(t, i)
	sm := a.server.Config("gg")
	sm.Timeout = 5 * time.Minute // however busy the machine is
	var err error
	a.client, err = ogg.NewClient(sm, ogg.Options{
		Collectors:  comparedCollectors(),
		Performance: ogg.PerformanceOptions{Points: []string{"positionEr", "trailInput", "trailOutput", "coordinationReplicat"}},
		Dial:        i.Network.DialContext, Now: a.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.client.Close)
	return a
}

func comparedCollectors() []string {
	return []string{"process", "checkpoint", "distribution_path", "receiver_path", "data_stream", "trail", "performance"}
}

// check compares everything at one moment.
func (a *agreement) check(moment int) {
	a.Helper()
	a.now, a.model = a.clock.Now(), claims{}
	for _, d := range a.server.deployments[1:] {
		for _, pr := range d.processes {
			a.tellProcess(d, pr)
			a.tellMonitored(d, pr)
		}
		a.tellPaths(d)
		a.tellTrails(d)
	}
	samples := a.samples()
	for series, claim := range a.model {
		sample, is := samples[series]
		if !is && !claim.optional || is && !slices.ContainsFunc(claim.values, func(v value) bool { return v.allows(sample) }) {
			a.Errorf("moment %d: %s: sample %v (%v), but in the model one of %v", moment, series, sample, is, claim.values)
		}
	}
	for series, sample := range samples {
		if a.model[series] == nil {
			a.Errorf("moment %d: %s: sample %v, but the model has none", moment, series, sample)
		}
	}
	a.checkEffectiveLags(moment, samples)
	if a.Failed() {
		a.FailNow()
	}
}

// samples returns what one scrape exports, by series without the Service Manager.
func (a *agreement) samples() map[string]float64 {
	a.Helper()
	families, err := collector.NewScrape(context.Background(), []*ogg.Client{a.client}, collector.Options{Enabled: comparedCollectors()}).Gatherer(nil).Gather()
	if err != nil {
		a.Fatal(err)
	}
	compared, samples := regexp.MustCompile(backlogsLagsAndPositions), map[string]float64{}
	for _, f := range families {
		name := f.GetName()
		isCompared, isSuccess := compared.MatchString(name), name == "ogg_up" || name == "ogg_scrape_collector_success"
		if !isCompared && !isSuccess {
			continue
		}
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				if l.GetName() != "service_manager" {
					labels = append(labels, l.GetName(), l.GetValue())
				}
			}
			sample := m.GetGauge().GetValue()
			switch {
			case isSuccess && sample != 1:
				a.Fatal(series(name, labels...), " is not 1")
			case isCompared:
				if a.seen[name] == nil {
					a.seen[name] = map[float64]bool{}
				}
				a.seen[name][sample], samples[series(name, labels...)] = true, sample
			}
		}
	}
	return samples
}

// series returns the series with these labels, a name and a value each.
func series(metric string, labels ...string) string {
	pairs := make([]string, 0, len(labels)/2)
	for pair := range slices.Chunk(labels, 2) {
		pairs = append(pairs, pair[0]+"="+strconv.Quote(pair[1]))
	}
	slices.Sort(pairs)
	return metric + "{" + strings.Join(pairs, ",") + "}"
}

// add says that a sample may have this value, beside those that were added before.
func (c claims) add(v value, metric string, labels ...string) *claim {
	at := series(metric, labels...)
	if c[at] == nil {
		c[at] = &claim{}
	}
	c[at].values = append(c[at].values, v)
	return c[at]
}

func (c claims) exactly(n int64, metric string, labels ...string) {
	c.add(value{is: float64(n)}, metric, labels...)
}

// seconds adds a duration that the API has in whole seconds.
func (c claims) seconds(d time.Duration, metric string, labels ...string) {
	c.add(value{d.Seconds(), 1}, metric, labels...)
}

// milliseconds adds a duration that the API has in milliseconds.
func (c claims) milliseconds(d time.Duration, metric string, labels ...string) {
	c.add(value{d.Seconds(), 1e-3}, metric, labels...)
}

// time adds a moment, which the API has in milliseconds.
func (c claims) time(t time.Time, metric string, labels ...string) *claim {
	return c.add(value{float64(t.UnixMicro()) / 1e6, 1e-3}, metric, labels...)
}

// place adds a place in a trail.
func (c claims) place(in files, bytes int64, sequenceMetric, offsetMetric string, labels ...string) {
	sequence, offset := in.position(bytes)
	c.exactly(sequence, sequenceMetric, labels...)
	c.exactly(offset, offsetMetric, labels...)
}

// tellProcess adds what the Administration Service knows of a process.
func (a *agreement) tellProcess(d *deployment, pr *process) {
	at, labels := pr.at(a.now), of(d, pr)
	if pr.spec.Type == Replicat || !pr.spec.UnknownLag {
		a.model.seconds(at.lag, "ogg_process_lag_seconds", labels...)
		a.model.seconds(a.now.Sub(at.checkpoint), "ogg_process_lag_age_seconds", labels...)
	}
	if pr.spec.Type == Extract {
		a.tellLog(d, pr)
		return
	}
	a.model.place(pr.in.files, at.bytes, "ogg_process_trail_sequence", "ogg_process_trail_offset_bytes", with(labels, "direction", "input", "trail", pr.in.name)...)
	a.tellBacklog(d, pr, "ogg_process_trail_backlog_bytes", with(labels, "trail", pr.in.name)...)
}

// of returns the labels of a process.
func of(d *deployment, pr *process) []string {
	return []string{"deployment", d.spec.Name, "process", pr.spec.Name, "process_type", pr.spec.Type.noun()}
}

// with returns the labels and more of them.
func with(labels []string, more ...string) []string { return slices.Concat(labels, more) }

// tellLog adds where an Extract is in the log. That is read again after a minute while it runs, and
// when it has started or ended; what rests an hour does not move.
func (a *agreement) tellLog(d *deployment, pr *process) {
	if pr.run.started.IsZero() {
		return
	}
	last, now := a.log[pr], logRead{a.now, pr.run.started, pr.status(a.now)}
	if last == nil || last.started != now.started || last.status != now.status || pr.running(a.now) && a.now.Sub(last.at) >= time.Minute {
		last = &now
		a.log[pr] = last
	}
	read := pr.at(last.at).source
	for thread := 1; thread <= pr.spec.RedoThreads; thread++ {
		recovery := read
		if began := noon.Add(-pr.spec.OldestTransaction); thread == 1 && pr.spec.OpenTransactions > 0 {
			recovery = earliest(read, began)
		}
		a.tellLogPlace(pr, read, "read", d.spec.Name, strconv.Itoa(thread))
		a.tellLogPlace(pr, recovery, "recovery", d.spec.Name, strconv.Itoa(thread))
	}
}

func (a *agreement) tellLogPlace(pr *process, at time.Time, kind, deployment, thread string) {
	labels := []string{"deployment", deployment, "process", pr.spec.Name, "thread", thread}
	file, _ := redoPosition(pr.source().bytes(at))
	a.model.time(at, "ogg_extract_"+kind+"_checkpoint_timestamp_seconds", labels...)
	a.model.exactly(file, "ogg_extract_"+kind+"_checkpoint_log_sequence", labels...)
}

// tellBacklog adds how many bytes of the files of a trail are between a reader and the place that the
// writer reports: an Extract how far it has written by now, also if it has ended, but a receiver path
// where it was at its checkpoint, so that a reader can be ahead. A client knows the size of files that
// a receiver path writes since 23ai. Nobody reports the end of what is not written by either of them.
func (a *agreement) tellBacklog(d *deployment, reader *process, metric string, labels ...string) {
	trail := reader.in
	writer := trail.writer
	var written time.Time
	switch {
	case writer == nil:
		return
	case slices.Contains(d.processes, writer):
		written = writer.reached(a.now)
	case !a.server.profile.trailNames || writer.run.started.IsZero():
		return
	default:
		written = writer.at(a.now).source
	}
	left := trail.onDisk(trail.source().bytes(written)) - trail.onDisk(reader.at(a.now).bytes)
	if left > -trail.size { // what is a file and more ahead of the writer is taken to be elsewhere
		a.model.exactly(max(0, left), metric, labels...)
	}
}

// onDisk returns how long all files of a trail are with so many bytes of data: each that has been begun
// has a header.
func (f files) onDisk(bytes int64) int64 {
	if bytes == 0 {
		return 0
	}
	return bytes + (1+bytes/(f.size-trailFileHeader))*trailFileHeader
}

// moments returns the latest moment and the earliest one at which Performance Metrics may have heard
// from what runs: it does so every second since the start, and of a path through its service, that is
// as late again.
func moments(pr *process, now time.Time, late time.Duration) []time.Time {
	if end := pr.run.stopped; !end.IsZero() {
		now = earliest(now, end)
	}
	return []time.Time{now, latest(pr.run.started, now.Add(-late))}
}

// tellMonitored adds what Performance Metrics knows of a process, while it runs.
func (a *agreement) tellMonitored(d *deployment, pr *process) {
	if pr.run.started.IsZero() || !pr.running(a.now) {
		return
	}
	labels, points := of(d, pr), a.server.profile.points
	for _, t := range moments(pr, a.now, time.Second) {
		at := pr.at(t)
		a.model.milliseconds(at.lag, "ogg_process_last_operation_lag_seconds", labels...)
		a.model.time(at.checkpoint, "ogg_process_last_checkpoint_timestamp_seconds", labels...)
		if _, operations := pr.done(pr.run.started, a.now); operations > 0 { // just now, perhaps
			_, before := pr.done(pr.run.started, a.now.Add(-time.Second))
			a.model.time(at.source, "ogg_process_last_operation_timestamp_seconds", labels...).optional = before == 0
		}
		if points.watermarks {
			a.model.exactly(map[bool]int64{true: 1}[pr.atEnd(at)], "ogg_process_at_end_of_file", labels...)
		}
		if replicat := pr.spec.Type == Replicat; points.watermarks && replicat && pr.spec.Mode != Coordinated {
			a.model.milliseconds(at.lag, "ogg_replicat_high_watermark_lag_seconds", labels...)
			a.model.milliseconds(at.lag+1500*time.Millisecond, "ogg_replicat_low_watermark_lag_seconds", labels...) // not of the model, but of the answer
		}
		if pr.threads() > 0 {
			a.model.seconds(at.lag-pr.threadAt(1, t).lag, "ogg_replicat_coordination_thread_lag_gap_seconds", labels...)
		}
	}
	if pr.spec.Type == Extract {
		sequence, offset := pr.out.end(a.now) // beyond the checkpoint
		a.model.exactly(sequence, "ogg_process_trail_sequence", with(labels, "direction", "output", "trail", pr.out.name)...)
		a.model.exactly(offset, "ogg_process_trail_offset_bytes", with(labels, "direction", "output", "trail", pr.out.name)...)
	}
}

// tellPaths adds what the Distribution and the Receiver Service know of their paths and streams.
func (a *agreement) tellPaths(d *deployment) {
	for _, dp := range d.paths[distribution] {
		a.tellPath(d, dp, "ogg_distribution_path_", dp.work.in.name, "r"+dp.spec.Name)
		if dp.work.run.started.IsZero() {
			continue
		}
		trail := dp.work.in
		a.tellBacklog(d, &dp.work, "ogg_distribution_path_trail_backlog_bytes", "deployment", d.spec.Name, "path", dp.spec.Name, "trail", trail.name)
		for _, t := range moments(&dp.work, a.now, 2*time.Second) {
			a.model.place(trail.files, dp.work.at(t).bytes, "ogg_process_trail_sequence", "ogg_process_trail_offset_bytes",
				"deployment", d.spec.Name, "process", "DISTSRVR", "process_type", "distserver", "direction", "input", "trail", trail.name)
		}
	}
	for _, dp := range d.paths[receiver] {
		if a.server.profile.receiverInfo {
			a.tellPath(d, dp, "ogg_receiver_path_", dp.peer.work.in.name, dp.work.out.name)
		}
	}
	for _, dp := range d.paths[dataStream] {
		for _, t := range moments(&dp.work, a.now, 2*time.Second) {
			if a.server.profile.points.pathStreaming {
				a.model.seconds(dp.work.at(t).lag, "ogg_data_stream_lag_seconds", "deployment", d.spec.Name, "stream", dp.spec.Name)
			}
		}
	}
}

// tellPath adds what a path reports of itself. It reads one trail and writes the same bytes to another
// one, in which files may have another size.
func (a *agreement) tellPath(d *deployment, dp *distPath, prefix, input, output string) {
	at, labels := dp.work.at(a.now), []string{"deployment", d.spec.Name, "path", dp.spec.Name}
	if !dp.spec.UnknownLag {
		a.model.seconds(at.lag, prefix+"lag_seconds", labels...)
		a.model.seconds(a.now.Sub(at.checkpoint), prefix+"lag_age_seconds", labels...)
	}
	if !dp.work.run.started.IsZero() {
		sender, target := dp, dp
		if dp.is == receiver {
			sender = dp.peer
		} else {
			target = dp.peer
		}
		a.model.place(sender.work.in.files, at.bytes, prefix+"checkpoint_sequence", prefix+"checkpoint_offset_bytes", with(labels, "direction", "input", "trail", input)...)
		a.model.place(target.work.out.files, at.bytes, prefix+"checkpoint_sequence", prefix+"checkpoint_offset_bytes", with(labels, "direction", "output", "trail", output)...)
	}
}

// tellTrails adds the files of trails, which are listed since 21.3. Before 23ai their sizes and what of
// them is needed are known only of those that an Extract writes.
func (a *agreement) tellTrails(d *deployment) {
	p := a.server.profile
	for _, t := range d.used {
		labels := []string{"deployment", d.spec.Name, "trail", t.name}
		last, offset := t.end(a.now)
		first, lastInUse := t.inUse(a.now)
		detailed := p.trailNames || t.writer != nil && slices.Contains(d.processes, t.writer)
		if detailed {
			a.model.exactly(t.size, "ogg_trail_file_max_bytes", labels...)
		}
		if detailed && p.trails {
			a.model.exactly(first, "ogg_trail_sequence_min_in_use", labels...)
			a.model.exactly(t.spaceUsed(a.now), "ogg_trail_size_bytes", labels...)
		}
		if p.trails {
			a.model.exactly(last, "ogg_trail_sequence", labels...)
			a.model.exactly(offset, "ogg_trail_offset_bytes", labels...)
			a.model.exactly(t.oldest(a.now), "ogg_trail_sequence_min", labels...)
			a.model.exactly(last, "ogg_trail_sequence_max", labels...)
			a.model.exactly(lastInUse, "ogg_trail_sequence_max_in_use", labels...)
		}
	}
}

// checkEffectiveLags checks that the lag and its age are together how old the data is that a process
// has passed on last, if everything before it ran at its checkpoint: what has ended passes nothing on,
// and then there is nothing to lag behind. Each of the two lacks less than a second.
func (a *agreement) checkEffectiveLags(moment int, samples map[string]float64) {
	a.Helper()
	check := func(pr *process, prefix string, labels ...string) {
		lag, known := samples[series(prefix+"lag_seconds", labels...)]
		at := pr.at(a.now)
		if pr.run.started.IsZero() || !known || !flows(pr.upstream(), at.checkpoint) {
			return
		}
		effective := lag + samples[series(prefix+"lag_age_seconds", labels...)]
		if v := (value{a.now.Sub(at.source).Seconds(), 2}); !v.allows(effective) {
			a.Errorf("moment %d: %v: effective lag %v, but in the model %v", moment, labels, effective, v)
		}
	}
	for _, d := range a.server.deployments[1:] {
		for _, pr := range d.processes {
			check(pr, "ogg_process_", of(d, pr)...)
		}
		for _, dp := range d.paths[distribution] {
			check(&dp.work, "ogg_distribution_path_", "deployment", d.spec.Name, "path", dp.spec.Name)
		}
		for _, dp := range d.paths[receiver] {
			check(&dp.work, "ogg_receiver_path_", "deployment", d.spec.Name, "path", dp.spec.Name)
		}
	}
}

// flows reports whether a process, if there is one, and everything before it moved at a moment.
func flows(pr *process, at time.Time) bool {
	for ; pr != nil; pr = pr.upstream() {
		r := pr.runAt(at)
		if r.started.IsZero() || r.started.After(at) || r.runningTime(at) != at.Sub(r.started) {
			return false
		}
	}
	return true
}
