package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestBounds checks what may be decoded, and that the rest is not.
func TestBounds(t *testing.T) {
	t.Parallel()
	list := func(entries int) string {
		return `{"items":[` + strings.TrimSuffix(strings.Repeat(`{"name":"abcdef"},`, entries), ",") + `]}`
	}
	nested := func(depth int) string { return strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth) }
	for name, c := range map[string]struct{ document, want string }{
		"entries":               {list(MaxEntries), ""},
		"too many entries":      {list(MaxEntries + 1), "a list of 20001 entries, more than the 20000 that are read"},
		"too many numbers":      {`{"x":[` + strings.Repeat("1,", MaxEntries) + `1]}`, "a list of 20001 entries"},
		"entries of two":        {`{"a":` + list(MaxEntries) + `,"b":` + list(MaxEntries) + `}`, ""},
		"commas in a text":      {`{"x":["` + strings.Repeat(",", 2*MaxEntries) + `"]}`, ""},
		"members":               {`{` + strings.Repeat(`"a":1,`, 2*MaxEntries) + `"b":1}`, ""},
		"depth":                 {`{"x":` + nested(maxDepth-1) + `}`, ""},
		"too deep":              {`{"x":` + nested(maxDepth) + `}`, "JSON that nests deeper than 64 levels"},
		"far too deep":          {`{"x":` + nested(1_000_000) + `}`, "JSON that nests deeper than 64 levels"},
		"brackets in a text":    {`{"x":"\"` + nested(100) + `\\"}`, ""},
		"a name":                {`{"` + strings.Repeat("n", maxName) + `":1}`, ""},
		"a name that is long":   {`{"` + strings.Repeat("n", maxName+1) + `" : 1}`, "a member with a name of 513 bytes"},
		"a text that is long":   {`{"x":"` + strings.Repeat("n", 1<<20) + `"}`, ""},
		"too many objects":      {strings.Repeat(`{"a":`, 1) + strings.Repeat(`[`+strings.TrimSuffix(strings.Repeat(`{"name":"abcd"},`, 15_000), ",")+`],`, 7), "with 105001 objects"},
		"no JSON":               {`]]}}"` + strings.Repeat(`\`, 1001) + `"],,`, ""},
		"a text without an end": {`{"x":"` + strings.Repeat(`\"`, 100_000), ""},
	} {
		err := Check([]byte(c.document))
		bound, is := errors.AsType[*BoundError](err)
		if c.want == "" && err != nil || c.want != "" && (!is || !strings.Contains(bound.Exceeds, c.want)) {
			t.Errorf("%s: got %v", name, err)
		}
		if err != nil {
			var to any
			if _, got := Unmarshal([]byte(c.document), &to); got == nil || to != nil {
				t.Errorf("%s: decoded: %v", name, got)
			}
		}
	}
}

// TestOuterEntries checks which entries count as those of the document: not those of a list in
// another one.
func TestOuterEntries(t *testing.T) {
	t.Parallel()
	const document = `{"links":[{},{}],"response":{"items":[{"links":[{},{},{}]},{},{}],"x":{"y":[[1,2,3],[4]]}}}`
	if s := measure([]byte(document)); s.outer != 7 || s.entries != 3 || s.depth != 6 {
		t.Errorf("got %+v", s)
	}
}

// TestLongTexts checks that a text that is too long for a label costs itself alone, however it is
// written, and that one that is long as it is written alone is read.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	type longText string
	type entry struct {
		Name string   `json:"name"`
		Lag  Number   `json:"lag"`
		PEM  longText `json:"pem"`
	}
	for text, want := range map[string]int{
		strings.Repeat("n", MaxText):              0,
		strings.Repeat(`\u00e9`, MaxText/2):       0,
		strings.Repeat("n", MaxText+1):            MaxText + 1,
		strings.Repeat(`\u00e9`, MaxText/2) + "x": MaxText + 1,
		strings.Repeat("n", 1<<20):                1 << 20,
	} {
		var got struct{ Items []entry }
		document := fmt.Sprintf(`{"items":[{"name":"a","lag":1},{"lag":2,"pem":%q,"name":"%s"}],"other":"%s"}`, strings.Repeat("p", 4*MaxText), text, text)
		odd, err := Unmarshal([]byte(document), &got)
		if err != nil || len(got.Items) != 2 || got.Items[0].Name != "a" || got.Items[1].Lag != NumberOf(2) || len(got.Items[1].PEM) != 4*MaxText {
			t.Fatalf("%d bytes: got %+v, %v", len(text), got, err)
		}
		if want == 0 && (len(odd) != 0 || got.Items[1].Name == "") {
			t.Errorf("%d bytes: not read: %v", len(text), odd)
		}
		if says := fmt.Sprintf("name is a text of %d bytes, more than the 512 of a label", want); want > 0 && (len(odd) != 1 || odd[0].String() != says) {
			t.Errorf("%d bytes: got %v, want %s", len(text), odd, says)
		}
	}
}

// TestLongField checks the same of one field.
func TestLongField(t *testing.T) {
	t.Parallel()
	f, err := FieldsOf([]byte(`{"id":"a","name":"` + strings.Repeat("n", MaxText+1) + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	var id, name string
	Take(f, "id", &id)
	Take(f, "name", &name)
	if id != "a" || name != "" || f.Err() == nil || !strings.Contains(f.Err().Error(), "more than the 512 of a label") {
		t.Errorf("got %q, %d bytes, %v", id, len(name), f.Err())
	}
}

// TestOddAmongMany checks that the siblings of an odd member are found without entering what is
// beside it.
func TestOddAmongMany(t *testing.T) {
	t.Parallel()
	var got struct {
		Items []struct {
			Name string `json:"name"`
			Lag  Number `json:"lag"`
		} `json:"items"`
	}
	beside := `"unread":[` + strings.Repeat(`{"name":"x"},`, 1000) + `{}],`
	odd, err := Unmarshal([]byte(`{`+beside+`"items":[{`+beside+`"name":"a","lag":[]},{"name":"b","lag":{},`+strings.TrimSuffix(beside, ",")+`}]}`), &got)
	if err != nil || fmt.Sprint(odd) != "[lag of a is [] lag of b is {}]" {
		t.Errorf("got %v, %v", odd, err)
	}
}
