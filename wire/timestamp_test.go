package wire

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func TestTimestamp(t *testing.T) {
	for text, want := range map[string]string{
		`"2017-12-14T12:43:59.181Z"`:         "2017-12-14T12:43:59.181Z",
		`"2019-12-24T15:10:08Z"`:             "2019-12-24T15:10:08Z",
		`"2019-12-24t15:10:08z"`:             "2019-12-24T15:10:08Z",
		`"2019-12-24 15:10:08.123456+02:00"`: "2019-12-24T13:10:08.123456Z",
		`"2016-12-31T23:59:60Z"`:             "2017-01-01T00:00:00Z",
		`"2016-12-31T23:59:60.5Z"`:           "2017-01-01T00:00:00.5Z",
		`null`:                               "",
		`""`:                                 "",
	} {
		got := Timestamp{time.Unix(1, 0)} // what was there before must go
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if want == "" {
			if _, known := got.Seconds(); known || !got.IsZero() {
				t.Errorf("%s: got %v, want none", text, got)
			}
		} else if s := got.UTC().Format(time.RFC3339Nano); s != want {
			t.Errorf("%s: got %s, want %s", text, s, want)
		}
	}
	for _, text := range []string{`1`, `true`, `{}`, `"yesterday"`, `"2019-12-24"`, `"2019-13-24T15:10:08Z"`, `"2019-12-24T15:10:08"`, `"2019-12-24T15:10:61Z"`} {
		var got Timestamp
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s: read as %v", text, got)
		}
	}
}

func TestTimestampSeconds(t *testing.T) {
	s, known := Timestamp{time.UnixMilli(1_513_255_439_181)}.Seconds()
	if !known || s != 1513255439.181 {
		t.Errorf("got %v, %v", s, known)
	}
	if s, known := (Timestamp{time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}).Seconds(); !known || s != 253402214400 {
		t.Errorf("in 9999: got %v, %v", s, known)
	}
}

func FuzzTimestamp(f *testing.F) {
	for _, seed := range []string{`"2017-12-14T12:43:59.181Z"`, `"2016-12-31 23:59:60+01:00"`, `null`, `""`, `"2019"`, `1`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got Timestamp
		if json.Unmarshal(data, &got) != nil {
			return
		}
		if _, known := got.Seconds(); known == got.IsZero() {
			t.Errorf("%s: known %v, zero %v", data, known, got.IsZero())
		}
	})
}

// TestTimestampAllocations: reading a timestamp needs no memory of its own.
func TestTimestampAllocations(t *testing.T) {
	in := jsontext.NewDecoder(bytes.NewReader(nil))
	body := bytes.NewReader(nil)
	text := []byte(`"2019-12-24T15:10:08.123456Z"`)
	var got Timestamp
	if n := testing.AllocsPerRun(100, func() {
		body.Reset(text)
		in.Reset(body)
		if err := got.UnmarshalJSONFrom(in); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
