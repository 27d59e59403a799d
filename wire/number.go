package wire

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Number is a figure that may be missing. Its zero value means "not available", and
// so do null, an empty string, "UNKNOWN", "N/A" and any negative number: GoldenGate
// counts nothing below zero and writes -1 (for an offset also -2) where it has no
// figure.
//
// It decodes from a JSON number, from a decimal string (printed in the documentation
// of 21.3 and 23ai) and from either in exponent notation. Anything else is an error.
type Number struct {
	value float64
	known bool
}

// NumberOf returns a known Number,
// or an unknown one if v is not finite.
func NumberOf(v float64) Number {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Number{}
	}
	return Number{value: v, known: true}
}

// Value returns the figure, and whether there is one.
func (n Number) Value() (float64, bool) { return n.value, n.known }

// Known reports whether there is a figure.
func (n Number) Known() bool { return n.known }

// Per returns the figure in a unit that is larger by the factor units.
func (n Number) Per(units float64) Number {
	if !n.known {
		return n
	}
	return NumberOf(n.value / units)
}

// Plus returns the sum of what is known.
func (n Number) Plus(other Number) Number {
	if !n.known && !other.known {
		return Number{}
	}
	return NumberOf(n.value + other.value)
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
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
		return ErrType
	}
	read, err := parseNumber(text)
	*n = read
	return err
}

// parseNumber reads the text of a Number.
func parseNumber(text string) (Number, error) {
	v, err := parseDecimal(text)
	switch {
	case err == nil && v >= 0:
		return NumberOf(v), nil
	case err != nil && !slices.Contains([]string{"", "UNKNOWN", "N/A"}, strings.ToUpper(text)):
		return Number{}, ErrType
	default:
		return Number{}, nil
	}
}

// parseDecimal is strconv.ParseFloat for decimal numbers only: no infinities, NaN,
// hexadecimal digits or underscores.
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
