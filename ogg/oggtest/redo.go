package oggtest

import "time"

// A database switches to the next log after logSwitch, with logRate bytes per second.
const (
	logSwitch = 30 * time.Minute
	logRate   = 400_000
)

// firstLog is when the first log of every database began.
var firstLog = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// logAt returns which log a database wrote at that time, and how far it had come.
func logAt(t time.Time) (sequence, offset int64) {
	age := max(0, t.Sub(firstLog))
	return 1 + int64(age/logSwitch), int64((age % logSwitch).Seconds() * logRate)
}
