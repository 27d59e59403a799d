package dashboards_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// selected is a metric that a rule selects, and how.
type selected struct {
	metric string
	back   time.Duration // how far the rule looks back, with the rules that it selects from
	counts bool          // what happened within that time
}

// counting are the functions that count what happened within a time.
var counting = append(slices.Clone(rates), "changes", "resets")

// selects returns what an expression selects of the metrics that are scraped.
func (c *checker) selects(t *testing.T, expr string) []selected {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	must(t, err)
	var all []selected
	parser.Inspect(parsed, func(node parser.Node, path []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		s := selected{metric: selector.Name, back: selector.OriginalOffset}
		for _, above := range path {
			switch above := above.(type) {
			case *parser.MatrixSelector:
				s.back += above.Range
			case *parser.Call:
				s.counts = s.counts || slices.Contains(counting, above.Func.Name)
			}
		}
		if len(c.rules[selector.Name]) == 0 {
			all = append(all, s)
		}
		for _, r := range c.rules[selector.Name] {
			for _, inner := range c.selects(t, r.Expr) {
				all = append(all, selected{inner.metric, s.back + inner.back, s.counts || inner.counts})
			}
		}
		return nil
	})
	return all
}

// inEveryResponse are the alerts on what Prometheus itself records of a scrape, or what
// every response of the exporter has.
var inEveryResponse = []string{"OggExporterDown", "OggMetricsMissing", "OggUnreadMuted", "OggConfigReloadFailed"}

// TestAlertsRemember: a sample that a single scrape misses does not make an alert wait from
// the beginning. An alert that waits 10 minutes or more looks back in all that it selects,
// one that waits less goes on firing for a while. A new exporter needs some polls until it has
// read what is read seldom: an alert looks back longer than that.
func TestAlertsRemember(t *testing.T) {
	c := newChecker(t)
	for _, r := range rules(t) {
		if r.Alert == "" || slices.Contains(inEveryResponse, r.Alert) {
			continue
		}
		for _, s := range c.selects(t, r.Expr) {
			m, ok := c.metrics[s.metric]
			switch {
			case !ok || !strings.HasPrefix(s.metric, "ogg_"):
			case r.For >= model.Duration(10*time.Minute) && s.back < 5*time.Minute:
				t.Errorf("%s %s: a missed sample of %s makes it wait %s again", r.Alert, r.Labels["severity"], s.metric, r.For)
			case r.For > 0 && r.KeepFiringFor == 0 && s.back == 0:
				t.Errorf("%s %s: a missed sample of %s ends it", r.Alert, r.Labels["severity"], s.metric)
			case m.every > 0 && s.back < min(m.every, time.Hour)+5*time.Minute:
				t.Errorf("%s %s: %s is read every %s, and it looks back %s", r.Alert, r.Labels["severity"], s.metric, m.every, s.back)
			}
		}
	}
}

// outlasts is by how much an alert without data outlasts what it takes to say why it has none, and lingers by how much
// it may at most, for the sake of others that it mutes.
const (
	outlasts = model.Duration(5 * time.Minute)
	lingers  = model.Duration(15 * time.Minute)
)

// resolvable are the alerts that may end while their data is missing, and why.
var resolvable = map[string]string{
	"OggExporterDown":        "it explains gaps",
	"OggMetricsMissing":      "it explains gaps",
	"OggUnreadMuted":         "it mutes what ends because of a gap",
	"OggPipelineDown unread": "it depends on an alert that mutes it, and has to end before that",
}

// lingering are the alerts that go on firing for longer, and why.
var lingering = map[string]string{
	"OggCertificateExpires":       "a certificate is remembered for 2 hours",
	"OggSharedCertificateExpires": "a certificate is remembered for 2 hours",
	"OggTrailSpace":               "it is about the growth of an hour",
	"OggPipelineSLOBurn":          "it is about hours and days",
}

// TestAlertsOutlastGaps: an alert whose data is missing, because the exporter is down or something cannot be
// read, goes on firing until the alert that says so has fired. So nothing is resolved that nobody sees. What
// happened within a time, and nothing else, ends by the clock. But an alert about what is gone ends soon.
func TestAlertsOutlastGaps(t *testing.T) {
	c := newChecker(t)
	explained := c.explained(t)
	for _, r := range rules(t) {
		name := strings.TrimSpace(r.Alert + " " + map[bool]string{true: "unread"}[r.Labels["hop_state"] == "unread"])
		if r.Alert == "" || resolvable[name] != "" {
			continue
		}
		shortest := model.Duration(-1) // by how much it outlasts
		for _, s := range c.selects(t, r.Expr) {
			needs, ok := explained[s.metric]
			if !ok || s.counts {
				continue
			}
			got := r.KeepFiringFor + model.Duration(s.back)
			if got < needs+outlasts {
				t.Errorf("%s %s: goes on firing for %s without %s, want %s", name, r.Labels["severity"], got, s.metric, needs+outlasts)
			}
			if longer := max(0, got-needs); shortest < 0 || longer < shortest {
				shortest = longer
			}
		}
		if shortest > lingers && lingering[name] == "" {
			t.Errorf("%s %s: goes on firing for %s longer than it has to", name, r.Labels["severity"], shortest-outlasts)
		}
	}
}

// explained returns, of each metric from GoldenGate and Oracle Cloud, how long it takes until an alert fires
// that says why it is missing.
func (c *checker) explained(t *testing.T) map[string]model.Duration {
	t.Helper()
	after, slow := map[string]model.Duration{}, model.Duration(0)
	var fast *regexp.Regexp
	for _, r := range rules(t) {
		after[r.Alert] = max(after[r.Alert], r.For)
		if r.Alert == "OggCollectorFailing" {
			fast = regexp.MustCompile("^(" + regexp.MustCompile(`collector=~"([^"]+)"`).FindStringSubmatch(r.Expr)[1] + ")$")
			earlier, err := model.ParseDuration(regexp.MustCompile(`offset (\w+)`).FindStringSubmatch(r.Expr)[1])
			must(t, err)
			slow = r.For + earlier
		}
	}
	found := map[string]model.Duration{}
	for name, m := range c.metrics {
		switch {
		case !strings.HasPrefix(name, "ogg_"):
		case strings.HasPrefix(name, "ogg_oci_"):
			found[name] = max(after["OggOCIRefreshFailing"], after["OggOCIReadFailing"])
		case m.collector == "" || m.collector == "pipeline":
			found[name] = max(after["OggExporterDown"], after["OggMetricsMissing"], after["OggServiceManagerUnreachable"])
		case fast.MatchString(m.collector), m.collector == "expect": // which tells from what the others read
			found[name] = max(after["OggExporterDown"], after["OggCollectorFailing"], after["OggLoginBlocked"])
		default:
			found[name] = slow
		}
	}
	// These are always there while the exporter is.
	for _, name := range []string{"ogg_oci_up", "ogg_oci_read_success"} {
		found[name] = after["OggExporterDown"]
	}
	return found
}

// TestMutingOutlasts: without data, an alert that mutes others of the same process or path goes on firing for
// longer than they do. Otherwise they would be told of when it ends, although nothing is new.
func TestMutingOutlasts(t *testing.T) {
	var content struct {
		Inhibit []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
		} `yaml:"inhibit_rules"`
	}
	readYAML(t, "alertmanager.example.yml", &content)
	c, found := newChecker(t), 0
	states := regexp.MustCompile(`^OggProcess(Abended|StoppedUnexpectedly|Stuck)$`) // a process is in one of them
	muting := regexp.MustCompile(`^Ogg(Pipeline(Down|HopMuted)|Process(Abended|StoppedUnexpectedly|Stuck|Lag)|(Distribution|Receiver)PathDown)$`)
	for _, i := range content.Inhibit {
		if strings.Contains(i.Source[0], `"Ogg.+"`) { // the same alert, of another severity
			continue
		}
		for _, source := range rules(t) {
			if !muting.MatchString(source.Alert) || source.Labels["hop_state"] == "unread" || !source.matches(t, i.Source) {
				continue
			}
			for _, target := range rules(t) {
				both := states.MatchString(source.Alert) && states.MatchString(target.Alert)
				if target.Alert == "" || target.Alert == source.Alert || both || !target.matches(t, i.Target) {
					continue
				}
				found++
				if has, wants := c.holds(t, source), c.holds(t, target)+model.Duration(2*time.Minute); has < wants {
					t.Errorf("%s %s mutes %s %s and goes on firing for %s without data, want %s", source.Alert, source.Labels["severity"], target.Alert, target.Labels["severity"], has, wants)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("%d alerts are muted", found)
	}
}

// holds returns how long an alert goes on firing without data.
func (c *checker) holds(t *testing.T, r rule) model.Duration {
	t.Helper()
	back := time.Duration(-1)
	for _, s := range c.selects(t, r.Expr) {
		if strings.HasPrefix(s.metric, "ogg_") && (back < 0 || s.back < back) {
			back = s.back
		}
	}
	return r.KeepFiringFor + model.Duration(max(0, back))
}

// matches says whether matchers of Alertmanager on the name and the labels of the rule match it.
func (r rule) matches(t *testing.T, matchers []string) bool {
	t.Helper()
	labels := maps.Clone(r.Labels)
	labels["alertname"] = r.Alert
	for _, text := range matchers {
		m := matcher.FindStringSubmatch(text)
		value, is := labels[m[1]]
		if !is {
			continue // it comes from the series
		}
		matched := value == m[3]
		if strings.HasSuffix(m[2], "~") {
			matched = regexp.MustCompile("^(?:" + m[3] + ")$").MatchString(value)
		}
		if matched == strings.HasPrefix(m[2], "!") {
			return false
		}
	}
	return true
}

// forgetful are the alerts whose exceptions may end first, and why.
var forgetful = map[string]string{
	"OggUnreadMuted":     "it is about data that ends",
	"OggPipelineSLOBurn": "it is quiet for an hour after another alert",
}

// TestExceptionsOutlast: what an alert does not fire for is remembered at least as long as what it fires for.
// Otherwise a gap in the data ends the exception first, and the alert fires because of the gap.
func TestExceptionsOutlast(t *testing.T) {
	c, exceptions := newChecker(t), 0
	for _, r := range rules(t) {
		if r.Alert == "" || forgetful[r.Alert] != "" {
			continue
		}
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
		must(t, err)
		parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
			e, is := node.(*parser.BinaryExpr)
			if !is || e.Op != parser.LUNLESS {
				return nil
			}
			exceptions++
			if fires, excepted := c.shortest(t, e.LHS), c.shortest(t, e.RHS); excepted >= 0 && excepted < fires {
				t.Errorf("%s %s: without data it is about to fire for %s, but excepts for %s:\n%s", r.Alert, r.Labels["severity"], fires, excepted, e)
			}
			return nil
		})
	}
	if exceptions < 20 {
		t.Errorf("only %d exceptions", exceptions)
	}
}

// shortest returns for how long an expression has a result without new data: the least time that it looks back
// at a metric from GoldenGate.
func (c *checker) shortest(t *testing.T, e parser.Expr) time.Duration {
	t.Helper()
	least := time.Duration(-1)
	for _, s := range c.selects(t, e.String()) {
		if strings.HasPrefix(s.metric, "ogg_") && (least < 0 || s.back < least) {
			least = s.back
		}
	}
	return least
}
