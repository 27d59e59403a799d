package status

import "slices"

// ExitCode returns the exit status of a program that shows s: 2 if something could not be read, else 1 if
// something is not as it should be, else 0.
func (s *Status) ExitCode() int {
	isWrong := func(state State) bool { return state == Problem || state == Warning }
	switch {
	case s.isUnread():
		return 2
	case slices.ContainsFunc(s.Rows, func(r Row) bool { return isWrong(r.State) }),
		slices.ContainsFunc(s.Pipelines, func(p Pipeline) bool { return isWrong(p.State) }):
		return 1
	default:
		return 0
	}
}

// isUnread reports whether something could not be read.
func (s *Status) isUnread() bool {
	return slices.ContainsFunc(s.ServiceManagers, func(sm ServiceManager) bool { return sm.State != OK }) ||
		slices.ContainsFunc(s.Rows, func(r Row) bool { return r.State == Unknown && r.Program != dataStream })
}
