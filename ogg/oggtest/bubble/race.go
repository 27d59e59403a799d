//go:build race

package bubble

// UnderRace is whether the race detector is on. It makes tests ten times slower, and what it looks for shows in a few of
// the many cases that differ in their data alone. Those tests ask for it: without the detector, as in make test, they try
// all cases.
const UnderRace = true
