package status

import "time"

// serviceManager returns what the exporter can say of a Service Manager.
func serviceManager(source *Source) ServiceManager {
	sm := ServiceManager{Name: source.Name, URL: source.URL, State: Unknown, Errors: source.Errors}
	if source.Latest == nil {
		return sm
	}
	sm.ReadAt = new(source.Latest.Begin.UTC().Truncate(time.Second))
	sm.TookSeconds = new(source.Latest.Took.Round(time.Millisecond).Seconds())
	sm.Errors = append(sm.Errors, failures(source)...)
	for _, r := range source.Latest.Rules {
		sm.Rules = append(sm.Rules, Rule{r.Rule, r.Objects, r.First})
	}
	if sm.Errors == nil && !source.Stale {
		sm.State = OK
	}
	return sm
}
