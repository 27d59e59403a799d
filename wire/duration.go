package wire

import (
	"regexp"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Duration is a Number of seconds. Besides a Number's forms it decodes from GoldenGate's own
// notation, [h]h:mm:ss.
type Duration struct{ Number }

var clockPattern = regexp.MustCompile(`^(\d{1,6}):([0-5]\d):([0-5]\d)$`)

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (d *Duration) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	if in.PeekKind() != jsontext.KindString {
		return d.Number.UnmarshalJSONFrom(in)
	}
	token, err := in.ReadToken()
	if err != nil {
		return err
	}
	text := token.String()
	if parts := clockPattern.FindStringSubmatch(text); parts != nil {
		d.Number = NumberOf(atoi(parts[1])*3600 + atoi(parts[2])*60 + atoi(parts[3]))
		return nil
	}
	d.Number, err = parseNumber(text)
	return err
}

func atoi(digits string) float64 {
	n, _ := strconv.Atoi(digits) // nothing but digits
	return float64(n)
}
