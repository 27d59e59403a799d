//go:build !race

package bubble

// UnderRace is whether the race detector is on.
const UnderRace = false
