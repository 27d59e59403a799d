package wire

import (
	"testing"

	"github.com/go-json-experiment/json"
)

// TestDuration reads seconds, and GoldenGate's own notation.
func TestDuration(t *testing.T) {
	for text, want := range map[string]Number{
		`3`: NumberOf(3), `"4"`: NumberOf(4), `"00:00:03"`: NumberOf(3), `"1:02:03"`: NumberOf(3723), `"100:00:00"`: NumberOf(360000),
		`null`: {}, `"unknown"`: {}, `-1`: {},
	} {
		got := Duration{NumberOf(99)}
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Number != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{`"00:60:00"`, `"1:2:3"`, `"03"+`, `"-"`, `"NaN"`, `{}`, `"12:00"`} {
		var got Duration
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s: read as %v", text, got)
		}
	}
}
