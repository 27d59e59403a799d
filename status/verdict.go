package status

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// verdict is how something is, and why in a few words.
type verdict struct {
	state State
	why   string
}

// fine is the verdict on what is as it should be.
var fine = verdict{OK, ""}

// order has the states from the one to look at first.
var order = []State{Problem, Warning, Unknown, OK, Off}

// rank returns the place of a state in order.
func rank(s State) int { return slices.Index(order, s) }

// The thresholds of dashboards/rules/recording.yml, in seconds, and what else its rules assume.
const (
	warningLag  = 300
	criticalLag = 1800
	// normalAge is how old the latest checkpoint of a running process may be before its age counts as lag.
	normalAge = 60
	// outOfService is after which time what does not run is not missed any more.
	outOfService = 86400
)

// overdue returns the verdict on a figure of seconds that the thresholds for lag apply to, in the words
// that precede it.
func overdue(seconds float64, words string) verdict {
	switch {
	case seconds > criticalLag:
		return verdict{Problem, words + " " + Duration(seconds)}
	case seconds > warningLag:
		return verdict{Warning, words + " " + Duration(seconds)}
	default:
		return fine
	}
}

// worst returns the first of the verdicts with the state to look at first.
func worst(verdicts ...verdict) verdict {
	return slices.MinFunc(verdicts, func(a, b verdict) int { return rank(a.state) - rank(b.state) })
}

// lag is what a process or path reports of how far it is behind, and when.
type lag struct{ seconds, age wire.Number }

// frozen returns how far something is behind that does not run: as far as it was, and the time since.
func (l lag) frozen() (float64, bool) {
	seconds, known := l.seconds.Value()
	age, aged := l.age.Value()
	return seconds + age, known && aged
}

// behind returns how far something is behind that does not run, as words to be added; none if that is
// not known.
func (l lag) behind() string {
	seconds, known := l.frozen()
	if !known {
		return ""
	}
	return "; " + Duration(seconds) + " behind"
}

// seconds returns a figure as JSON has it; nil if it is not known.
func seconds(n wire.Number) *float64 {
	value, known := n.Value()
	if !known {
		return nil
	}
	return &value
}

// isYes and isNo report whether something is known to be so, or not to be so.
func isYes(b *bool) bool { return b != nil && *b }
func isNo(b *bool) bool  { return b != nil && !*b }
