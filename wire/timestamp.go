package wire

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Timestamp is a moment that may be missing: null and an empty string (GoldenGate's
// "never started") are the zero time.
//
// It decodes from RFC 3339 with 0 to 6 fractional digits; the separator may be 'T',
// 't' or a blank, and the second may be 60. Anything else is an error.
type Timestamp struct{ time.Time }

// TimestampOf returns the Timestamp for t.
func TimestampOf(t time.Time) Timestamp { return Timestamp{t} }

// Seconds returns the moment in Unix seconds, and whether there is one.
func (t Timestamp) Seconds() (float64, bool) {
	if t.IsZero() {
		return 0, false
	}
	return float64(t.UnixMicro()) / 1e6, true
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Timestamp) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*t = Timestamp{}
	kind := in.PeekKind()
	if kind != jsontext.KindString {
		if err := in.SkipValue(); err != nil || kind == jsontext.KindNull {
			return err
		}
		return ErrType
	}
	token, err := in.ReadToken()
	if err != nil {
		return err
	}
	text := token.String()
	if text == "" {
		return nil
	}
	moment, err := parseTimestamp(text)
	if err != nil {
		return err
	}
	*t = Timestamp{moment}
	return nil
}

// parseTimestamp parses the text of a timestamp.
func parseTimestamp(text string) (time.Time, error) {
	const secondsAt, secondsEnd = len("2006-01-02T15:04:"), len("2006-01-02T15:04:05")
	if len(text) < secondsEnd {
		return time.Time{}, fmt.Errorf("%.40q is not a timestamp", text)
	}
	normal := strings.Replace(strings.ToUpper(text), " ", "T", 1)
	leap := normal[secondsAt:secondsEnd] == "60"
	if leap {
		normal = normal[:secondsAt] + "59" + normal[secondsEnd:]
	}
	moment, err := time.Parse(time.RFC3339Nano, normal)
	if err != nil {
		return time.Time{}, fmt.Errorf("%.40q is not a timestamp", text)
	}
	if leap {
		moment = moment.Add(time.Second)
	}
	return moment, nil
}
