//go:build !race

package e2e

// underRace is whether the race detector is on.
const underRace = false
