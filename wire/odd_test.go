package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestUnmarshal checks that an odd member costs itself alone, and is named.
func TestUnmarshal(t *testing.T) {
	type entry struct {
		Name    string    `json:"name"`
		Lag     Number    `json:"lag"`
		Healthy *bool     `json:"healthy"`
		Started Timestamp `json:"started"`
		At      struct {
			Offset Number `json:"offset"`
		} `json:"at"`
	}
	type list struct {
		Items []entry `json:"items"`
		Total int     `json:"total"`
	}
	for body, want := range map[string]string{
		`{"items":[{"name":"a","lag":1,"healthy":true}],"total":1}`:               `[{a {1 true}}] 1 []`,
		`{"items":[{"name":"a","lag":"soon","healthy":true}],"total":1}`:          `[{a {0 false}}] 1 [lag of a is "soon"]`,
		`{"items":[{"name":"a","lag":2,"started":"yesterday"}]}`:                  `[{a {2 true}}] 0 [started of a is "yesterday"]`,
		`{"items":[{"name":"a","lag":2,"healthy":"false"},{"name":"b","lag":3}]}`: `[{a {2 true}} {b {3 true}}] 0 [healthy of a is "false"]`,
		`{"items":[5,{"name":"b","lag":3}]}`:                                      `[{ {0 false}} {b {3 true}}] 0 [items[0] is 5]`,
		`{"items":{"name":"b"},"total":7}`:                                        `[] 7 [items is {"name":"b"}]`,
		`{"items":[{"name":7,"lag":1}],"total":"x"}`:                              `[{ {1 true}}] 0 [name is 7 total is "x"]`,
		`{"items":[{"name":"a","at":[],"lag":1}]}`:                                `[{a {1 true}}] 0 [at of a is []]`,
		`{"items":[{"name":"a","at":{"offset":{}},"lag":1}]}`:                     `[{a {1 true}}] 0 [offset is {}]`,
		`[]`: `[] 0 [ is []]`,
	} {
		var got list
		odd, err := Unmarshal([]byte(body), &got)
		if err != nil {
			t.Errorf("%s: %v", body, err)
		}
		var entries []string
		for _, e := range got.Items {
			v, known := e.Lag.Value()
			entries = append(entries, fmt.Sprintf("{%s {%v %v}}", e.Name, v, known))
		}
		if text := fmt.Sprint(entries, " ", got.Total, " ", odd); text != want {
			t.Errorf("%s:\ngot  %s\nwant %s", body, text, want)
		}
	}
	var got list
	if _, err := Unmarshal([]byte(`{"items":[{"lag":"x"}`), &got); err == nil {
		t.Error("what is cut off was read")
	}
}

// FuzzUnmarshal checks that it neither panics nor fails where json.Unmarshal can read.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"items":[{"name":"a","lag":{}}],"odd":1}`))
	f.Add([]byte(`{"items":[[{"name":1}]],"~1":{"/":[]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got struct {
			Items []struct {
				Name string `json:"name"`
				Lag  Number `json:"lag"`
			} `json:"items"`
		}
		odd, err := Unmarshal(body, &got)
		if err == nil && !json.Valid(body) {
			t.Errorf("%q was read", body)
		}
		for _, o := range odd {
			if text := o.String(); strings.Contains(text, "\n") {
				t.Errorf("more than a line: %q", text)
			}
		}
	})
}

// TestManyOddMembers checks that a list of which every entry is odd takes work in proportion to its
// length, and not to the square of it.
func TestManyOddMembers(t *testing.T) {
	allocations := func(n int) float64 {
		document := []byte(`{"list":[` + strings.TrimSuffix(strings.Repeat(`{"number":"x","name":"a"},`, n), ",") + `]}`)
		return testing.AllocsPerRun(1, func() {
			var into struct {
				List []struct {
					Number int `json:"number"`
				} `json:"list"`
			}
			odd, err := Unmarshal(document, &into)
			if err != nil || len(odd) != n || odd[n-1].String() != `number of a is "x"` {
				t.Errorf("got %d odd members, error %v, want %d", len(odd), err, n)
			}
		})
	}
	if few, many := allocations(900), allocations(9_000); many > 15*few {
		t.Errorf("%v allocations for 10 times as many members as with %v", many, few)
	}
}

// TestTooManyOddMembers checks that not all of them are kept.
func TestTooManyOddMembers(t *testing.T) {
	t.Parallel()
	document := []byte("[" + strings.TrimSuffix(strings.Repeat("1,", 100_000), ",") + "]")
	var into []struct{ Name string }
	if odd, err := Unmarshal(document, &into); err == nil || len(odd) > 10_000 {
		t.Errorf("got %d odd members, error %v, want an error", len(odd), err)
	}
}
