package ogg

import (
	"context"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// readDefinitions reads what each process is every 15 minutes, and sooner when it has started anew or
// changed its status, which the given processes say: GET /{extracts|replicats}/{p} (all releases;
// role User), and for each profile of managed processes in use GET
// /config/types/ogg:managedProcessSettings/values/{profile} (19c and later; role User). The first
// polls read a few processes each, first those that do not run: whether that is an outage depends on
// what they are.
func readDefinitions(ctx context.Context, v *visit, processes []*Process) ([]*Definition, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil {
		return nil, false, nil
	}
	memory := wire.Remembered[definitionMemory](v.memory)
	var all []*Definition
	var listErr error
	var errs []error
	for _, kind := range []ProcessType{Extract, Replicat} {
		items, err := listProcesses(ctx, v, admin, kind)
		if !v.reads("process") { // which reports it
			listErr = wire.Join(listErr, err)
		}
		facts := memory.of(kind)
		facts.read(ctx, v, definitionTerms(admin), definitionNames(v, kind, items, processes), definitionFrom(v, admin, kind))
		for _, item := range items {
			found, _, err := facts.get(item.Name)
			if found != nil {
				all = append(all, found.copied())
			}
			errs = append(errs, err)
		}
	}
	profileErr := memory.manage(ctx, v, admin, all)
	return all, true, wire.Join(listErr, wire.Summarize(errs, "definitions"), profileErr)
}

// definitionNames returns the listed processes, first those that do not run, with their states as far
// as they were read.
func definitionNames(v *visit, kind ProcessType, items []item, processes []*Process) []slowName {
	read := make(map[string]*Process, len(processes))
	for _, p := range processes {
		if p.Type == kind {
			read[p.Name] = p
		}
	}
	var running, down []slowName
	for _, item := range items {
		p := read[item.Name]
		if p == nil {
			p = &Process{Status: item.Status}
		}
		n := slowName{item.Name, v.stateOf("adminsrvr", p.Started, p.Status)}
		if p.Status == "running" {
			running = append(running, n)
		} else {
			down = append(down, n)
		}
	}
	return slices.Concat(down, running)
}

// manage fills in the settings of the profiles of the definitions, which it reads if that is due.
func (m *definitionMemory) manage(ctx context.Context, v *visit, admin *rest.Endpoint, definitions []*Definition) error {
	var names []slowName
	for _, d := range definitions {
		names = append(names, slowName{d.profile, v.stateOf("adminsrvr", wire.Timestamp{}, "")})
	}
	names, _ = unique(names, func(n slowName) string { return n.name }) // without those of no profile
	how := slowTerms{what: "profile", interval: definitionsEvery, service: admin}
	if len(definitions) > 0 { // otherwise they may not have been listed
		m.profiles.keep(names)
	}
	m.profiles.read(ctx, v, how, names, func(ctx context.Context, name string, before managedSettings) (managedSettings, error) {
		return readProfile(ctx, admin, name, before)
	})
	errs := make([]error, len(names))
	for i, n := range names {
		_, _, errs[i] = m.profiles.get(n.name)
	}
	for _, d := range definitions {
		if settings, known, _ := m.profiles.get(d.profile); known {
			d.AutoStart, d.AutoRestart = settings.start, settings.restart
		}
	}
	return wire.Summarize(errs, "profiles of managed processes")
}
