package main

import (
	"os"
	"strconv"
	"strings"
)

// connections is the set of this machine's TCP connections to some ports, each by its two
// ports.
type connections map[[2]int]bool

// connectionsTo returns the connections to the services. Closed connections are included
// for a minute, in state TIME-WAIT.
func connectionsTo(ports map[int]bool) (connections, error) {
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return nil, err
	}
	found := connections{}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[3] == "0A" { // a listener
			continue
		}
		local, remote := portOf(fields[1]), portOf(fields[2])
		switch {
		case ports[local]:
			found[[2]int{local, remote}] = true
		case ports[remote]:
			found[[2]int{remote, local}] = true
		}
	}
	return found, nil
}

// portOf returns the port of an address in /proc/net/tcp; 0 if it is malformed.
func portOf(address string) int {
	_, port, _ := strings.Cut(address, ":")
	n, _ := strconv.ParseInt(port, 16, 32)
	return int(n)
}

// newSince returns how many connections were not there before.
func (c connections) newSince(before connections) int {
	n := 0
	for connection := range c {
		if !before[connection] {
			n++
		}
	}
	return n
}
