package ogg

import (
	"strconv"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// rule is a rule of the configuration about what is expected.
type rule struct {
	config.Expectation

	number string
	// What it is about, as far as it has names: see config.Expectation.
	kind             config.Kind
	deployment, name string
}

// rules are in the order in which they count.
type rules []rule

// rulesOf returns the rules for a Service Manager: its own are numbered from 1, and those for all from
// top-1.
func rulesOf(sm config.ServiceManager) rules {
	var all rules
	add := func(prefix string, list []config.Expectation) {
		for i, e := range list {
			r := rule{Expectation: e, number: prefix + strconv.Itoa(i+1)}
			r.kind, r.deployment, r.name = e.Names()
			all = append(all, r)
		}
	}
	add("", sm.Expect)
	add("top-", sm.ExpectOfAll)
	return all
}

// first returns the index of the rule that counts for an object; -1 if there is none.
func (rs rules) first(kind config.Kind, deployment, name string) int {
	for i := range rs {
		if rs[i].AppliesTo(kind, deployment, name) {
			return i
		}
	}
	return -1
}
