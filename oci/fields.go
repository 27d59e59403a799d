package oci

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lenient is how answers are decoded: names that come twice, and text that is no
// UTF-8, are taken as they come.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// fields takes a JSON object apart one field at a time, so that one of the wrong type costs
// itself only. The SDK's own types lose a page of a list for it.
type fields struct {
	raw  map[string]jsontext.Value
	errs []error
}

// fieldsOf returns the fields of an object.
func fieldsOf(body []byte) (*fields, error) {
	f := &fields{}
	if err := json.Unmarshal(body, &f.raw, lenient); err != nil {
		return nil, err
	}
	if f.raw == nil {
		return nil, errors.New("null in place of an object")
	}
	return f, nil
}

// take sets what to points to from a field, and leaves it as it is where that is absent or null.
func take[T any](f *fields, name string, to *T) {
	raw, is := f.raw[name]
	if !is || string(raw) == "null" {
		return
	}
	var value T
	if err := json.Unmarshal(raw, &value, lenient); err != nil {
		f.errs = append(f.errs, fmt.Errorf("%s: %s", name, oneLine(err.Error())))
		return
	}
	*to = value
}

// takeWord is take for one of a few words, which becomes lower case.
func takeWord(f *fields, name string, to *string) {
	take(f, name, to)
	*to = strings.ToLower(*to)
}

// err returns what was wrong with the fields.
func (f *fields) err() error { return joined(f.errs...) }
