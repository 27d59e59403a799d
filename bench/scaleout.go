package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// measureScaleOut shares the targets of one fleet between 1, 2 and 4 exporters, as Prometheus
// does: each exporter has the same configuration, /sd of any of them lists the targets, hashmod
// says whose a target is, and /probe reads it.
func measureScaleOut(ctx context.Context, b *bench) error {
	f, err := startFleet(ctx, FleetOptions{FleetSize: fleetOf(40 * ofEachManager)})
	if err != nil {
		return err
	}
	defer f.end()
	var groups []*group
	for _, n := range []uint64{1, 2, 4} {
		g, err := b.startGroup(ctx, f, n)
		if err != nil {
			return err
		}
		defer g.end()
		groups = append(groups, g)
	}
	for range 1 + b.times(5) { // the first opens the connections
		for _, g := range groups {
			if err := g.round(ctx); err != nil {
				return err
			}
		}
	}
	for _, g := range groups {
		if err := b.addGroup(g, groups[0]); err != nil {
			return err
		}
	}
	return b.addCapacity(ctx, groups[0].members[0].exporter)
}

// ofEachManager is how many processes fleetOf gives to each of several Service Managers.
const ofEachManager = 100

// group is exporters that share targets.
type group struct {
	members []*member
	sums    values // CPU time of all, in seconds, of each round but the first
	began   bool
}

// member is an exporter and its share of the targets.
type member struct {
	exporter *exporter
	targets  []string
	cpus     values // as in group
}

// startGroup starts n exporters, and gives each its share.
func (b *bench) startGroup(ctx context.Context, f *fleet, n uint64) (*group, error) {
	g := &group{}
	for range n {
		e, err := b.readFleet(ctx, f, byDefault)
		if err != nil {
			g.end()
			return nil, err
		}
		g.members = append(g.members, &member{exporter: e})
	}
	targets, err := g.members[0].exporter.discover(ctx)
	if err != nil {
		g.end()
		return nil, err
	}
	for _, t := range targets {
		m := g.members[hashmod(n, t)]
		m.targets = append(m.targets, t)
	}
	return g, nil
}

func (g *group) end() {
	for _, m := range g.members {
		m.exporter.end()
	}
}

// discover returns the Service Managers that the exporter lists as targets.
func (e *exporter) discover(ctx context.Context) ([]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/sd", nil)
	if err != nil {
		return nil, err
	}
	answer, err := e.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var groups []struct{ Labels map[string]string }
	if err := json.NewDecoder(answer.Body).Decode(&groups); err != nil {
		return nil, err
	}
	var targets []string
	for _, g := range groups {
		if target := g.Labels["__param_target"]; target != "_pipelines" { // of all Service Managers together
			targets = append(targets, target)
		}
	}
	return targets, nil
}

// round probes each target once, those of one exporter after those of another: so all groups do the
// same at the same pace, and only who does it differs.
func (g *group) round(ctx context.Context) error {
	sum := 0.0
	for _, m := range g.members {
		cpu, err := m.exporter.cpuOf(1, func() error { return m.probe(ctx) })
		if err != nil {
			return err
		}
		if g.began {
			m.cpus = append(m.cpus, cpu)
		}
		sum += cpu
	}
	if g.began {
		g.sums = append(g.sums, sum)
	}
	g.began = true
	return nil
}

// probe probes the targets of a member.
func (m *member) probe(ctx context.Context) error {
	var errs []error
	for _, t := range m.targets {
		_, err := m.exporter.scrape(ctx, scopes[0].probe(t), prometheusTimeout)
		errs = append(errs, err)
		time.Sleep(10 * time.Millisecond)
	}
	return errors.Join(errs...)
}

// addGroup adds the row of a group, beside the group of one.
func (b *bench) addGroup(g, one *group) error {
	var shares, cpus, memories []string
	for _, m := range g.members {
		peak, err := m.exporter.peakMemory()
		if err != nil {
			return err
		}
		shares = append(shares, strconv.Itoa(len(m.targets)))
		cpus = append(cpus, fmt.Sprintf("%.0f", m.cpus.median()*1e3))
		memories = append(memories, fmt.Sprintf("%.0f", mebibytes(peak)))
	}
	var ratios values
	for i := range g.sums {
		ratios = append(ratios, g.sums[i]/one.sums[i])
	}
	remark := fmt.Sprintf("targets %s; CPU %s ms a round; memory %s MiB", strings.Join(shares, "/"), strings.Join(cpus, "/"), strings.Join(memories, "/"))
	if g == one {
		b.note("scale-out: one exporter for 40 Service Managers with 100 processes each", remark, "")
		return nil
	}
	b.atMost(fmt.Sprintf("scale-out: CPU of %d exporters to that of one", len(g.members)), ratios.median(), 1.05, "%.2f", " ("+remark+")", "nothing that they share; hashmod deals few targets out unevenly")
	return nil
}

// addCapacity adds how many processes one core can carry, from the CPU time of a scrape of one
// Service Manager.
func (b *bench) addCapacity(ctx context.Context, e *exporter) error {
	for i, s := range scopes {
		probe := func() error {
			_, err := e.scrape(ctx, s.probe(targetName(0)), patience)
			return err
		}
		if err := repeat(2, probe); err != nil {
			return err
		}
		var took values
		for range b.times(3) {
			cpu, err := e.cpuOf([]int{20, 5}[i], probe)
			if err != nil {
				return err
			}
			took = append(took, cpu/ofEachManager)
		}
		each := took.median()
		b.note("processes that one core carries, "+s.name, fmt.Sprintf("%.0f every 15 s, %.0f every 60 s (%.0f µs a process and scrape)", 15/each, 60/each, each*1e6),
			"the CPU time of a scrape; plan for half")
	}
	return nil
}
