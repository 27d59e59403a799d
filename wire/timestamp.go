package wire

import (
	"bytes"
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
	raw, err := in.ReadValue()
	if err != nil {
		return err
	}
	inside := raw[1 : len(raw)-1]
	if bytes.IndexByte(inside, '\\') >= 0 {
		inside, _ = jsontext.AppendUnquote(nil, raw)
	}
	text := string(inside) // which needs no memory of its own, as nothing keeps it
	if text == "" {
		return nil
	}
	moment, ok := parseTimestamp(text)
	if !ok {
		return fmt.Errorf("%.40q is not a timestamp", inside)
	}
	*t = Timestamp{moment}
	return nil
}

// parseTimestamp parses the text of a timestamp, and reports whether it is one.
func parseTimestamp(text string) (time.Time, bool) {
	const secondsAt, secondsEnd = len("2006-01-02T15:04:"), len("2006-01-02T15:04:05")
	if len(text) < secondsEnd {
		return time.Time{}, false
	}
	normal := strings.Replace(strings.ToUpper(text), " ", "T", 1)
	leap := normal[secondsAt:secondsEnd] == "60"
	if leap {
		normal = normal[:secondsAt] + "59" + normal[secondsEnd:]
	}
	moment, err := time.Parse(time.RFC3339Nano, normal)
	if err != nil {
		return time.Time{}, false
	}
	if leap {
		moment = moment.Add(time.Second)
	}
	return moment, true
}
