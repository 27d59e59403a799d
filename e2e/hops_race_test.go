//go:build race

package e2e

// mostHops is how many hops TestAlerting stops: with the race detector, which sees nothing of rules and
// Alertmanager, and slows the exporter down, only one. Without it, all are stopped.
const mostHops = 1
