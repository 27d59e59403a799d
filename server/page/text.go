package page

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ogg-exporter/ogg_exporter/status"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// line makes a text from outside fit to be shown.
func line(text string) string { return wire.Line(text) }

// clock returns seconds as INFO ALL shows them; empty if they are not known.
func clock(seconds *float64) string {
	if seconds == nil || math.IsNaN(*seconds) || math.IsInf(*seconds, 0) {
		return ""
	}
	return status.Duration(*seconds)
}

// ago returns how long before now something was.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case then.IsZero():
		return "never"
	case d < 2*time.Minute:
		return strconv.Itoa(max(0, int(d.Seconds()))) + " s ago"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min ago"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h ago"
	default:
		return strconv.Itoa(int(d.Hours()/24)) + " days ago"
	}
}

// moment is a time, for people and for programs.
type moment struct {
	Text, Machine string
}

func momentOf(t time.Time) moment {
	t = t.UTC()
	return moment{t.Format("2006-01-02 15:04:05 UTC"), t.Format(time.RFC3339)}
}

// words are the states in words.
func word(s status.State) string {
	switch s {
	case status.OK:
		return "Fine"
	case status.Warning:
		return "Warning"
	case status.Problem:
		return "Problem"
	case status.Off:
		return "Off"
	default:
		return "Unknown"
	}
}

// class returns the class of a state in the style.
func class(s status.State) string { return strings.ToLower(word(s)) }

// count returns how many there are of something.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped returns a number with a comma between thousands.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// few returns the first of the texts, as they are shown, and how many more there are.
func few(texts []string, most int) []string {
	var all []string
	for i, text := range texts {
		if i == most {
			return append(all, "and "+grouped(len(texts)-most)+" more")
		}
		all = append(all, line(text))
	}
	return all
}
