package ogg

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Number is a figure that GoldenGate may leave out. Its zero value is "not
// available", which is also how null, an empty string, "UNKNOWN", "N/A" and a
// negative number are read: GoldenGate counts nothing below zero and writes -1
// (for an offset also -2) where it has no figure.
//
// It decodes from a JSON number, from a decimal string (printed in the
// documentation of 21.3 and 23ai) and from either in exponent notation.
// Anything else is an error.
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

// UnmarshalJSONFrom reads the forms that the type's comment names.
func (n *Number) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*n = Number{}
	var text string
	switch in.PeekKind() {
	case jsontext.KindNull:
		return in.SkipValue()
	case jsontext.KindNumber, jsontext.KindString:
		token, err := in.ReadToken()
		if err != nil {
			return err
		}
		text = strings.TrimSpace(token.String())
	default:
		if err := in.SkipValue(); err != nil {
			return err
		}
		return errOtherType
	}
	v, err := parseDecimal(text)
	switch {
	case err == nil && v >= 0:
		*n = NumberOf(v)
	case err != nil && !slices.Contains([]string{"", "UNKNOWN", "N/A"}, strings.ToUpper(text)):
		return errOtherType
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
