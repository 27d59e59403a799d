package collector

// States returns the states of a state set.
func States(name string) []string {
	for _, m := range oggFamilies.all {
		if m.name == name {
			return m.states
		}
	}
	return nil
}
