package oncall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/rules"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// scenario is what happens to sites in which all is well, and what receivers are then notified of.
type scenario struct {
	name string
	// alone is that there is one Prometheus; else there are two.
	alone bool
	// lost says which scrapes of each Prometheus get no answer, by their number.
	lost  func(*scene, int) bool
	steps []step
	ends  int // the minute in which the test ends
	// want are all notifications: a line for each, with its minute, give or take one, whether it fires or is resolved,
	// the receiver and the alert.
	want string
	// muted are alerts that fire, but of which no receiver is notified: a line for each, with what it is about.
	muted string
}

// step is something that is done in a minute.
type step struct {
	minute int
	do     func(*scene)
}

// scene is a running scenario: the sites, two Prometheus servers and Alertmanager.
type scene struct {
	*bubble.T
	*fleet
	am    *alertmanager
	begun time.Time

	mu   sync.Mutex
	mend func() // brings back the Service Manager that is gone
}

// gone takes the host of a Service Manager from the network, with all its deployments.
func (on *scene) gone() {
	on.mu.Lock()
	defer on.mu.Unlock()
	on.mend = on.emea.Fault(oggtest.Target{}, oggtest.Fault{Refused: true})
}

// back ends that.
func (on *scene) back() {
	on.mu.Lock()
	defer on.mu.Unlock()
	if on.mend != nil {
		on.mend()
	}
}

// play runs a scenario and compares the notifications. In the end, no receiver may think that something fires.
func (s scenario) play(t *bubble.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	on := &scene{T: t, fleet: startSites(t), am: startAlertmanager(t), begun: time.Now()}
	notify := rules.SendAlerts(on.am, prometheusURL)
	offsets := []time.Duration{scrapeInterval / 5, scrapeInterval * 3 / 5}
	if s.alone {
		offsets = offsets[:1]
	}
	for n, offset := range offsets {
		scrapes := 0
		scrape := func() ([]byte, error) {
			if scrapes++; s.lost != nil && s.lost(on, scrapes) {
				return nil, errors.New("no route to host")
			}
			return on.scrape()
		}
		startReplica(ctx, t, offset, time.Duration(n)*10*time.Millisecond, scrape, notify)
	}
	for _, step := range s.steps {
		time.Sleep(time.Until(on.begun.Add(time.Duration(step.minute) * time.Minute)))
		step.do(on)
	}
	time.Sleep(time.Until(on.begun.Add(time.Duration(s.ends) * time.Minute)))
	on.am.mu.Lock()
	defer on.am.mu.Unlock()
	on.compare(s.want)
	on.compareMuted(s.muted)
	for what, status := range on.am.last {
		if status != "resolved" {
			t.Errorf("a receiver has yet to learn that it is over: %s", what)
		}
	}
}

// compare compares the notifications with those that are wanted.
func (on *scene) compare(want string) {
	on.Helper()
	var got, missing []string
	left := slices.Clone(on.am.all)
	for _, n := range left {
		got = append(got, on.text(n))
	}
	for line := range strings.Lines(strings.TrimSpace(want)) {
		var minute int
		line = strings.TrimSpace(line)
		first, rest, _ := strings.Cut(line, " ")
		_, err := fmt.Sscan(first, &minute)
		must(on, err)
		at := on.begun.Add(time.Duration(minute) * time.Minute)
		i := slices.IndexFunc(left, func(n notification) bool {
			return n.status+" "+n.what == rest && n.at.Sub(at).Abs() <= time.Minute
		})
		if i < 0 {
			missing = append(missing, line)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	if missing == nil && len(left) == 0 {
		return
	}
	on.Errorf("the notifications were\n%s\nmissing:\n%s\nunexpected:", strings.Join(got, "\n"), strings.Join(missing, "\n"))
	for _, n := range left {
		on.Log(on.text(n))
	}
}

// compareMuted checks that alerts fire of which no receiver is notified.
func (on *scene) compareMuted(want string) {
	on.Helper()
	for line := range strings.Lines(strings.TrimSpace(want)) {
		line = strings.TrimSpace(line)
		if known, sent := on.am.sent[line]; !sent || known {
			on.Errorf("%s: Alertmanager got it: %t; a receiver did: %t", line, sent, known)
		}
	}
}

// text is a notification as scenarios write it.
func (on *scene) text(n notification) string {
	return fmt.Sprintf("%.0f %s %s", n.at.Sub(on.begun).Minutes(), n.status, n.what)
}

// TestNotifications plays the scenarios.
func TestNotifications(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { bubble.Run(t, s.play) })
	}
}
