package status

import (
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// Source is what is known of one Service Manager.
type Source struct {
	// Name and URL are as configured.
	Name, URL string
	// Latest is what its latest poll found; nil if there was none.
	Latest *ogg.Installation
	// Errors are what failed before there could be a poll.
	Errors []string
	// Stale is whether that is too long ago to say how things do now. Oldest, unless it is zero, says the
	// same of the parts of it that an earlier poll read: what was read before it is stale.
	Stale  bool
	Oldest time.Time
	// User returns the name of the user that logs in to a deployment, empty if there is none; nil if
	// no user is known.
	User func(deployment string) string
}

// userOf returns the name of the user that logs in to a deployment; empty if that is not known.
func (s *Source) userOf(deployment string) string {
	if s.User == nil {
		return ""
	}
	return s.User(deployment)
}

// isStale reports whether what was read at a time is too old to say how things do now.
func (s *Source) isStale(read time.Time) bool {
	return s.Stale || read.Before(s.Oldest)
}
