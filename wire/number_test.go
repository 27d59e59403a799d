package wire

import (
	"math"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestNumber(t *testing.T) {
	for text, want := range map[string]Number{
		`0`:                     NumberOf(0),
		`42`:                    NumberOf(42),
		`"42"`:                  NumberOf(42),
		`" 7 "`:                 NumberOf(7),
		`1.40292288149248E14`:   NumberOf(140292288149248),
		`"1.40292288149248E14"`: NumberOf(140292288149248),
		`97.78`:                 NumberOf(97.78),
		`9223372036854775807`:   NumberOf(math.MaxInt64),
		`null`:                  {},
		`""`:                    {},
		`"UNKNOWN"`:             {},
		`"n/a"`:                 {},
		`-1`:                    {},
		`"-2"`:                  {},
	} {
		got := NumberOf(99) // what was there before must go
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{`true`, `[1]`, `{"a":1}`, `"five"`, `"0x10"`, `"1_000"`, `"inf"`, `"NaN"`, `"1e999"`} {
		var n Number
		if err := json.Unmarshal([]byte(text), &n); err == nil {
			t.Errorf("%s: read as %v", text, n)
		}
	}
	var absent struct{ Lag Number }
	if err := json.Unmarshal([]byte(`{}`), &absent); err != nil || absent.Lag != (Number{}) {
		t.Errorf("absent: got %v, %v", absent.Lag, err)
	}
}

// TestNumberOverflow: what is too large for a figure is none.
func TestNumberOverflow(t *testing.T) {
	most := NumberOf(math.MaxFloat64)
	for name, got := range map[string]Number{
		"infinite": NumberOf(math.Inf(1)), "no number": NumberOf(math.NaN()),
		"another unit": most.Per(1e-6), "the sum": most.Plus(most), "of nothing": Number{}.Per(1e-6),
	} {
		if got != (Number{}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := most.Plus(Number{}); got != most {
		t.Errorf("got %v", got)
	}
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{`0`, `"12"`, `1e3`, `-1`, `null`, `"UNKNOWN"`, `{}`, `"١"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var n Number
		if json.Unmarshal(data, &n) != nil {
			return
		}
		if v, known := n.Value(); known && (v < 0 || math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("%s: read as %v", data, v)
		} else if !known && v != 0 {
			t.Errorf("%s: unknown, and yet %v", data, v)
		}
	})
}
