package oncall

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/marker"
	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/provider/mem"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/alertmanager/silence/silencepb"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/notifier"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// alertmanager is Alertmanager with the example of this repository, whose receivers are recorded.
type alertmanager struct {
	t          testing.TB
	alerts     *mem.Alerts
	silences   *silence.Silences
	dispatcher *dispatch.Dispatcher
	mutes      func(*alert.Alert) bool // whether it is inhibited or silenced

	mu   sync.Mutex
	sent map[string]bool   // alerts that have fired, and whether a receiver knows
	last map[string]string // the latest status of an alert, by receiver and labels
	all  []notification
}

// notification is a change of an alert's status that a receiver is notified of.
type notification struct {
	at           time.Time
	status, what string // firing or resolved; the receiver and the alert
}

func startAlertmanager(t testing.TB) *alertmanager {
	t.Helper()
	am := &alertmanager{t: t, sent: map[string]bool{}, last: map[string]string{}}
	var none eventrecorder.Recorder
	log, reg, ff := slog.New(slog.DiscardHandler), prometheus.NewRegistry(), featurecontrol.NoopFlags{}
	c, err := amconfig.LoadFile("../alertmanager.example.yml")
	must(t, err)
	*c.Route.GroupWait += model.Duration(time.Second) // or rules and notifications come at once, in an order left to chance
	am.silences, err = silence.New(silence.Options{Retention: 120 * time.Hour, Metrics: reg})
	must(t, err)
	silencer := silence.NewSilencer(am.silences, log, none)
	am.alerts, err = mem.NewAlerts(context.Background(), 30*time.Minute, 0, silencer, log, none, reg, ff)
	must(t, err)
	notified, err := nflog.New(nflog.Options{Retention: 120 * time.Hour, Metrics: reg})
	must(t, err)
	groups := marker.NewGroupMarker()
	inhibitor := inhibit.NewInhibitor(am.alerts, c.InhibitRules, log, none)
	receivers := map[string][]notify.Integration{}
	for _, r := range c.Receivers {
		for n, w := range r.WebhookConfigs {
			receivers[r.Name] = append(receivers[r.Name], notify.NewIntegration(receiver{am, r.Name}, w, "webhook", n, r.Name))
		}
		if len(r.WebhookConfigs) == 0 {
			receivers[r.Name] = nil
		}
	}
	at := func() time.Duration { return 0 }
	pipeline := notify.NewPipelineBuilder(reg, ff, none).New(receivers, at, inhibitor, silencer, timeinterval.NewIntervener(nil), groups, notified, nil)
	tmpl, err := template.FromGlobs(nil)
	must(t, err)
	am.dispatcher = dispatch.NewDispatcher(am.alerts, dispatch.NewRoute(c.Route, nil), pipeline, groups, func(d time.Duration) time.Duration { return max(d, notify.MinTimeout) },
		30*time.Second, nil, log, none, dispatch.NewDispatcherMetrics(false, reg, ff), tmpl)
	go inhibitor.Run()
	inhibitor.WaitForLoading()
	go am.dispatcher.Run(time.Now())
	am.dispatcher.WaitForLoading()
	am.mutes = func(a *alert.Alert) bool {
		return inhibitor.Mutes(context.Background(), a.Labels) || silencer.Mutes(context.Background(), a.Labels)
	}
	t.Cleanup(func() {
		inhibitor.Stop()
		am.dispatcher.Stop()
		am.alerts.Close()
	})
	return am
}

// Send implements rules.Sender, as the API does.
func (am *alertmanager) Send(alerts ...*notifier.Alert) {
	all := make([]*alert.Alert, len(alerts))
	for n, a := range alerts {
		all[n] = &alert.Alert{UpdatedAt: time.Now(), Alert: model.Alert{
			Labels: labelSet(a.Labels.Map()), Annotations: labelSet(a.Annotations.Map()),
			StartsAt: a.StartsAt, EndsAt: a.EndsAt, GeneratorURL: a.GeneratorURL,
		}}
		if err := all[n].Validate(); err != nil {
			am.t.Error(err)
		}
		am.note(all[n], false)
	}
	if err := am.alerts.Put(context.Background(), all...); err != nil {
		am.t.Error(err)
	}
}

// note notes that an alert has fired, and whether a receiver knows.
func (am *alertmanager) note(a *alert.Alert, known bool) {
	am.mu.Lock()
	defer am.mu.Unlock()
	if !a.Resolved() {
		am.sent[brief(a.Labels)] = am.sent[brief(a.Labels)] || known
	}
}

// silence silences alerts with these labels, as amtool does: names and values in turn.
func (am *alertmanager) silence(t testing.TB, lasts time.Duration, labels ...string) {
	t.Helper()
	s := &silencepb.Silence{
		StartsAt: timestamppb.Now(), EndsAt: timestamppb.New(time.Now().Add(lasts)), CreatedBy: "test", Comment: "planned",
		MatcherSets: []*silencepb.MatcherSet{{}},
	}
	for pair := range slices.Chunk(labels, 2) {
		s.MatcherSets[0].Matchers = append(s.MatcherSets[0].Matchers, &silencepb.Matcher{Name: pair[0], Pattern: pair[1]})
	}
	must(t, am.silences.Set(context.Background(), s))
}

// firing returns the alerts that are not muted, with their receivers, sorted, except those that notify nobody.
func (am *alertmanager) firing() []string {
	am.t.Helper()
	groups, _, err := am.dispatcher.Groups(context.Background(), func(r *dispatch.Route) bool { return r.RouteOpts.Receiver != "nobody" },
		func(a *alert.Alert, now time.Time) bool { return !a.ResolvedAt(now) && !am.mutes(a) })
	must(am.t, err)
	var all []string
	for _, g := range groups {
		for _, a := range g.Alerts {
			all = append(all, g.Receiver+" "+brief(a.Labels))
		}
	}
	slices.Sort(all)
	return all
}

func labelSet(m map[string]string) model.LabelSet {
	set := model.LabelSet{}
	for name, v := range m {
		if v != "" {
			set[model.LabelName(name)] = model.LabelValue(v)
		}
	}
	return set
}

// receiver is one that notes what it is notified of.
type receiver struct {
	am   *alertmanager
	name string
}

// Notify implements notify.Notifier.
func (r receiver) Notify(_ context.Context, alerts ...*alert.Alert) (retry bool, err error) {
	for _, a := range alerts {
		r.am.note(a, true)
	}
	r.am.mu.Lock()
	defer r.am.mu.Unlock()
	slices.SortFunc(alerts, func(a, b *alert.Alert) int { return strings.Compare(alertText(a.Labels), alertText(b.Labels)) })
	for _, a := range alerts {
		what, status := r.name+" "+alertText(a.Labels), string(a.Status())
		if status == "resolved" && r.am.last[what] == "" {
			continue // it ended together with what muted it, and nobody knew of it
		}
		if r.am.last[what] != status {
			r.am.last[what] = status
			r.am.all = append(r.am.all, notification{time.Now(), status, what})
		}
	}
	return false, nil
}

// alertText is an alert as PromQL would have it.
func alertText(set model.LabelSet) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if name != model.AlertNameLabel {
			pairs = append(pairs, fmt.Sprintf("%s=%q", name, set[name]))
		}
	}
	return string(set[model.AlertNameLabel]) + "{" + strings.Join(pairs, ",") + "}"
}
