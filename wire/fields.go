package wire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Fields takes a JSON object apart one field at a time, so that a field of the wrong
// type costs only itself.
type Fields struct {
	body jsontext.Value
	raw  map[string]jsontext.Value
	errs []error
}

// FieldsOf returns the fields of the object in body. It fails when body is anything
// else.
func FieldsOf(body []byte) (*Fields, error) {
	f := &Fields{body: body}
	if err := json.Unmarshal(body, &f.raw, Lenient); err != nil || f.raw == nil {
		return nil, fmt.Errorf("not an object: %s", OneLine(string(body[:min(len(body), maxText)])))
	}
	return f, nil
}

// Within returns the fields of an object in a field. There are none where the field is
// absent, null or of the wrong type.
func Within(f *Fields, name string) *Fields {
	inside := &Fields{body: f.raw[name]}
	Take(f, name, &inside.raw)
	return inside
}

// Take sets *to from a field, and leaves it alone where the field is absent, null or of
// the wrong type, or a text of more than MaxText.
func Take[T any](f *Fields, name string, to *T) {
	raw, is := f.raw[name]
	if !is || string(raw) == "null" {
		return
	}
	var value T
	if what := take(raw, &value); what != "" {
		f.fail(name, what)
		return
	}
	*to = value
}

// Need is Take for a text without which the object is of no use. It reports whether there
// is one.
func Need(f *Fields, name string, to *string) bool {
	if Take(f, name, to); *to == "" && f.Err() == nil {
		f.fail(name, "missing")
	}
	return *to != ""
}

// TakeWord is Take for an enumeration, in lower case.
func TakeWord(f *Fields, name string, to *string) {
	Take(f, name, to)
	*to = strings.ToLower(*to)
}

// fail adds that a field is something that it should not be.
func (f *Fields) fail(name, is string) {
	f.Fail(errors.New(Odd{jsontext.Pointer("").AppendToken(name), is, textsOf(f.body)}.String()))
}

// Fail adds an error to what was wrong with the fields.
func (f *Fields) Fail(err error) { f.errs = append(f.errs, err) }

// Err returns what was wrong with the fields, nil if nothing was.
func (f *Fields) Err() error { return Join(f.errs...) }
