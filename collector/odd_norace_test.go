//go:build !race

package collector_test

// underRace is whether the race detector is on.
const underRace = false
