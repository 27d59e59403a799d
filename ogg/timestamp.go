package ogg

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Timestamp is a moment that GoldenGate may leave out: null and an empty string
// ("never started") are the zero time.
//
// GoldenGate writes RFC 3339 with 0 to 6 digits of a second's fraction; the
// separator may be 'T', 't' or a blank, and the second may be 60.
type Timestamp struct{ time.Time }

// Seconds returns the moment as Unix time in seconds, and whether there is one.
func (t Timestamp) Seconds() (float64, bool) {
	if t.IsZero() {
		return 0, false
	}
	return float64(t.UnixMicro()) / 1e6, true
}

// UnmarshalJSONFrom reads the forms that the type's comment names; anything else
// is an error.
func (t *Timestamp) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*t = Timestamp{}
	kind := in.PeekKind()
	if kind != jsontext.KindString {
		if err := in.SkipValue(); err != nil || kind == jsontext.KindNull {
			return err
		}
		return errOtherType
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

// parseTimestamp reads one of GoldenGate's timestamps.
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
