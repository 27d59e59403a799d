package oncall

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/timestamp"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// The longest intervals with which the rules promise to work, see docs/alerts.md.
const (
	scrapeInterval     = time.Minute
	evaluationInterval = 30 * time.Second

	prometheusURL = "http://prometheus.example.com"
)

// ruleFiles are those of this repository, without the example for objectives.
var ruleFiles = []string{"../rules/recording.yml", "../rules/alerts.yml"}

// replica is a Prometheus server: its storage, its engine and its manager of rules, and a scrape loop that does what
// Prometheus's own does, at times that are known.
type replica struct {
	storage *tsdb.DB
	scrape  func() ([]byte, error)
	seen    map[string]*series // by how the exporter writes them
	up      series
	scrapes int
}

// series is one that the target had.
type series struct {
	labels labels.Labels
	ref    storage.SeriesRef
	last   int // number of the last scrape that had it
}

// startReplica starts a server with the rules of this repository, until the context ends. It scrapes first after the
// offset, and its alerts arrive after the delay: servers evaluate a rule at the same time, and which of them is heard
// first must not be left to chance.
func startReplica(ctx context.Context, t testing.TB, offset, delay time.Duration, scrape func() ([]byte, error), notify rules.NotifyFunc) {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.WALSegmentSize = -1 // none
	o.MinBlockDuration, o.MaxBlockDuration = (48 * time.Hour).Milliseconds(), (48 * time.Hour).Milliseconds()
	db, err := tsdb.Open(t.TempDir(), slog.New(slog.DiscardHandler), nil, o, nil)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	r := &replica{storage: db, scrape: scrape, seen: map[string]*series{}}
	r.up.labels = labels.FromStrings("__name__", "up", "instance", "exporter:17809", "job", "ogg")
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 50_000_000, Timeout: 2 * time.Minute, LookbackDelta: 5 * time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: parser.NewParser(parser.Options{})})
	m := newManager(ctx, t, engine, db, func(ctx context.Context, expr string, alerts ...*rules.Alert) {
		time.Sleep(delay)
		notify(ctx, expr, alerts...)
	})
	go m.Run()
	t.Cleanup(m.Stop)
	go r.run(ctx, t, offset)
}

// newManager returns a manager with the rules of this repository.
func newManager(ctx context.Context, t testing.TB, engine promql.QueryEngine, db *tsdb.DB, notify rules.NotifyFunc) *rules.Manager {
	t.Helper()
	m := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(engine, db), NotifyFunc: notify, Context: ctx, Appendable: db, Queryable: db,
		Registerer: prometheus.NewRegistry(), ResendDelay: time.Minute, OutageTolerance: time.Hour, ForGracePeriod: 10 * time.Minute,
		GroupLoader: needed{parser.NewParser(parser.Options{})},
	})
	must(t, m.Update(evaluationInterval, ruleFiles, labels.EmptyLabels(), prometheusURL, rules.DefaultEvalIterationFunc))
	return m
}

// needed loads what notifications depend on: no annotations, which would be expanded again and again, and no recording
// rules that no alert uses, such as those of muted alerts, which would cost much of the time: TestAlerting in e2e is about
// them. It makes no copies of the files in a directory of the test's own, because Prometheus takes the second in which it
// evaluates a group from the name of its file.
type needed struct{ parser parser.Parser }

// Load implements rules.GroupLoader.
func (l needed) Load(file string, lenient bool, names model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	var of *rulefmt.RuleGroups
	var all []rulefmt.Rule
	for _, f := range ruleFiles {
		groups, errs := rulefmt.ParseFile(f, lenient, names, l.parser, slog.New(slog.DiscardHandler))
		if errs != nil {
			return nil, errs
		}
		for _, g := range groups.Groups {
			all = append(all, g.Rules...)
		}
		if f == file {
			of = groups
		}
	}
	used := l.usedByAlerts(all)
	for i := range of.Groups {
		g := &of.Groups[i]
		g.Rules = slices.DeleteFunc(g.Rules, func(r rulefmt.Rule) bool { return r.Record != "" && !used[r.Record] })
		for j := range g.Rules {
			g.Rules[j].Annotations = nil
		}
	}
	return of, nil
}

// usedByAlerts returns the metrics that alerts use, and those from which these are recorded.
func (l needed) usedByAlerts(all []rulefmt.Rule) map[string]bool {
	var todo []string
	recorded, used := map[string][]string{}, map[string]bool{}
	for _, r := range all {
		if r.Alert != "" {
			todo = append(todo, r.Expr)
		} else {
			recorded[r.Record] = append(recorded[r.Record], r.Expr)
		}
	}
	for ; len(todo) > 0; todo = todo[1:] {
		expr, err := l.parser.ParseExpr(todo[0])
		if err != nil {
			continue // the manager says it when it loads the rule
		}
		for _, m := range slices.Concat(parser.ExtractSelectors(expr)...) {
			if m.Name == model.MetricNameLabel && !used[m.Value] {
				used[m.Value] = true
				todo = append(todo, recorded[m.Value]...)
			}
		}
	}
	return used
}

// Parse implements rules.GroupLoader.
func (l needed) Parse(query string) (parser.Expr, error) { return l.parser.ParseExpr(query) }

// TestTimesOfEvaluation: rules are evaluated at the same times in each run, or a notification would come now and then
// with the next flush of its group, which is five minutes later.
func TestTimesOfEvaluation(t *testing.T) {
	t.Parallel()
	db, err := tsdb.Open(t.TempDir(), slog.New(slog.DiscardHandler), nil, tsdb.DefaultOptions(), nil)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	for _, g := range newManager(t.Context(), t, nil, db, nil).RuleGroups() {
		if !strings.HasPrefix(g.File(), "../rules/") {
			t.Errorf("when %s is evaluated depends on where this test runs: %s", g.Name(), g.File())
		}
	}
}

// run scrapes until the context ends.
func (r *replica) run(ctx context.Context, t testing.TB, offset time.Duration) {
	time.Sleep(offset)
	for ticks := time.NewTicker(scrapeInterval); ; {
		if err := r.scrapeOnce(); err != nil {
			t.Error(err)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			ticks.Stop()
			return
		}
	}
}

// scrapeOnce scrapes and stores the samples, with markers of staleness for series that are gone.
func (r *replica) scrapeOnce() error {
	at := timestamp.FromTime(time.Now())
	r.scrapes++
	text, err := r.scrape()
	a := r.storage.Appender(context.Background())
	up := 1.0
	if err != nil {
		up, text = 0, nil
	}
	err = errors.Join(r.append(a, at, text), r.add(a, &r.up, at, up))
	for written, s := range r.seen {
		if s.last == r.scrapes-1 {
			err = errors.Join(err, r.add(a, s, at, math.Float64frombits(value.StaleNaN)))
		}
		if s.last < r.scrapes {
			delete(r.seen, written)
		}
	}
	return errors.Join(err, a.Commit())
}

// append appends the samples of an exposition.
func (r *replica) append(a storage.Appender, at int64, text []byte) error {
	if text == nil {
		return nil
	}
	p := textparse.NewPromParser(append(text, '\n'), labels.NewSymbolTable(), false)
	for {
		entry, err := p.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		written, _, v := p.Series()
		s := r.seen[string(written)]
		if s == nil {
			s = &series{}
			p.Labels(&s.labels)
			b := labels.NewBuilder(s.labels)
			b.Set("job", "ogg").Set("instance", "exporter:17809")
			s.labels = b.Labels()
			r.seen[string(written)] = s
		}
		s.last = r.scrapes
		if err := r.add(a, s, at, v); err != nil {
			return err
		}
	}
}

// add appends a sample.
func (r *replica) add(a storage.Appender, s *series, at int64, v float64) (err error) {
	s.ref, err = a.Append(s.ref, s.labels, at, v)
	return err
}
