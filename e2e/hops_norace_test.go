//go:build !race

package e2e

// mostHops is how many hops TestAlerting stops: all.
const mostHops = 5
