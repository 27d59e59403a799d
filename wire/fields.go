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
	raw  map[string]jsontext.Value
	errs []error
}

// FieldsOf returns the fields of the object in body. It fails when body is anything
// else.
func FieldsOf(body []byte) (*Fields, error) {
	f := &Fields{}
	if err := json.Unmarshal(body, &f.raw, Lenient); err != nil {
		return nil, err
	}
	if f.raw == nil {
		return nil, errors.New("null in place of an object")
	}
	return f, nil
}

// Take sets *to from a field, and leaves it alone where the field is absent, null or of
// the wrong type.
func Take[T any](f *Fields, name string, to *T) {
	raw, is := f.raw[name]
	if !is || string(raw) == "null" {
		return
	}
	var value T
	if err := json.Unmarshal(raw, &value, Lenient); err != nil {
		f.Fail(fmt.Errorf("%s: %s", name, OneLine(err.Error())))
		return
	}
	*to = value
}

// TakeWord is Take for an enumeration, in lower case.
func TakeWord(f *Fields, name string, to *string) {
	Take(f, name, to)
	*to = strings.ToLower(*to)
}

// Fail adds an error to what was wrong with the fields.
func (f *Fields) Fail(err error) { f.errs = append(f.errs, err) }

// Err returns what was wrong with the fields, nil if nothing was.
func (f *Fields) Err() error { return Join(f.errs...) }
