//go:build race

package collector_test

// underRace is whether the race detector is on, which makes TestOddValues ten times slower and
// finds nothing that one value of each member does not show.
const underRace = true
