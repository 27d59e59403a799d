package ogg

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Number is a figure that GoldenGate may leave out. Its zero value is "not
// available", which is also how null, an empty string, "UNKNOWN", "N/A" and a
// negative number are read: GoldenGate counts nothing below zero and writes -1
// (for an offset also -2) where it has no figure.
//
// It decodes from a JSON number, from a decimal string (printed in the
// documentation of 21.3 and 23ai) and from either in exponent notation.
// Anything else is a *json.UnmarshalTypeError.
type Number struct {
	value float64
	known bool
}

// NumberOf returns the Number that is known to be v.
func NumberOf(v float64) Number { return Number{value: v, known: true} }

// Value returns the figure, and whether there is one.
func (n Number) Value() (float64, bool) { return n.value, n.known }

// per returns the figure in a larger unit, of which each has that many.
func (n Number) per(units float64) Number {
	n.value /= units
	return n
}

// plus returns the sum of what is known.
func (n Number) plus(other Number) Number {
	return Number{n.value + other.value, n.known || other.known}
}

// UnmarshalJSON reads the forms that the type's comment names.
func (n *Number) UnmarshalJSON(data []byte) error {
	*n = Number{}
	text := string(data)
	if text == "null" {
		return nil
	}
	if data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		switch strings.ToUpper(text) {
		case "", "UNKNOWN", "N/A":
			return nil
		}
	}
	v, err := parseDecimal(text)
	if err != nil {
		return &json.UnmarshalTypeError{Value: kindOf(data), Type: reflect.TypeFor[Number]()}
	}
	if v >= 0 {
		*n = NumberOf(v)
	}
	return nil
}

// parseDecimal is strconv.ParseFloat without what is no decimal number:
// infinities, NaN, hexadecimal and digits grouped by underscores.
func parseDecimal(text string) (float64, error) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, strconv.ErrSyntax
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, strconv.ErrSyntax
	}
	return v, nil
}

// kindOf names the kind of a JSON value as encoding/json does in its errors.
func kindOf(data []byte) string {
	switch data[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	default:
		return "number"
	}
}
