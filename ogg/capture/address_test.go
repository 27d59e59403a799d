package capture

import "testing"

// TestAddressIsNoFigure: an address stays in no member, even in one that has figures.
func TestAddressIsNoFigure(t *testing.T) {
	t.Parallel()
	m := newMasker(nil, nil)
	for _, c := range []struct {
		member, text string
		stays        bool
	}{
		{"version", "192.0.2.147", false},
		{"oggVersion", "203.0.113.9", false},
		{"position", "203.0.113.99:1522", false},
		{"version", "23.4.0.24", true},
		{"version", "21.3.0.0", true},
		{"version", "23.4.0.24.06", true},
		{"position", "0:1522", true},
	} {
		if got := m.string(c.member, c.text); (got == c.text) != c.stays {
			t.Errorf("%s: %q becomes %q", c.member, c.text, got)
		}
	}
}
