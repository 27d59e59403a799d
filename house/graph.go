package main

import (
	"fmt"
	"maps"
	"slices"
)

// graph has an edge from each file to those that it uses, labelled with the name of one
// thing that it uses there.
type graph map[string]map[string]string

// add adds an edge. It ignores edges from a file to itself, and of several names keeps the
// first in alphabetical order.
func (g graph) add(from, to, name string) {
	if from == to {
		return
	}
	if g[from] == nil {
		g[from] = map[string]string{}
	}
	if old, ok := g[from][to]; !ok || name < old {
		g[from][to] = name
	}
}

// pairs returns the pairs of files that use each other, each with the name of one thing
// that either file uses of the other.
func (g graph) pairs() []string {
	var pairs []string
	for from, all := range g {
		for to, name := range all {
			if back, ok := g[to][from]; ok && from < to {
				pairs = append(pairs, fmt.Sprintf("%s and %s (%s, %s)", from, to, name, back))
			}
		}
	}
	slices.Sort(pairs)
	return pairs
}

// largestCircle returns the largest set of files in which each uses every other, directly
// or through others; nil if there is none.
func (g graph) largestCircle() []string {
	reached := map[string]map[string]bool{}
	for from := range g {
		reached[from] = g.reach(from)
	}
	var largest []string
	for _, from := range slices.Sorted(maps.Keys(reached)) {
		var circle []string
		for to := range reached[from] { // includes from itself if it is in a circle
			if reached[to][from] {
				circle = append(circle, to)
			}
		}
		if len(circle) > len(largest) {
			largest = slices.Sorted(slices.Values(circle))
		}
	}
	return largest
}

// reach returns the files that from uses, directly or through others.
func (g graph) reach(from string) map[string]bool {
	seen := map[string]bool{}
	next := []string{from}
	for len(next) > 0 {
		file := next[len(next)-1]
		next = next[:len(next)-1]
		for to := range g[file] {
			if !seen[to] {
				seen[to] = true
				next = append(next, to)
			}
		}
	}
	return seen
}
