package ogg

import (
	"testing"

	"github.com/go-json-experiment/json"
)

func TestPort(t *testing.T) {
	for text, want := range map[string]port{
		`9012`:                                  9012,
		`"9012"`:                                9012,
		`"http"`:                                80,
		`{"address":"0.0.0.0","port":9012}`:     9012,
		`{"address":"::1","port":"9012"}`:       9012,
		`[{"address":"127.0.0.1","port":9012}]`: 9012,
		`[{"address":"a"},{"address":"b","port":9013},{"port":1}]`: 9013,
		`[]`:            0,
		`{}`:            0,
		`null`:          0,
		`{"port":null}`: 0,
		`""`:            0,
	} {
		got := port(1) // must be overwritten
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{`true`, `-1`, `65536`, `"no such port"`, `9012.5`, `{"port":[1]}`, `{"port":{"port":1}}`, `[true]`} {
		var got port
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s: read as %d", text, got)
		}
	}
}

func FuzzPort(f *testing.F) {
	for _, seed := range []string{`9012`, `"9012"`, `{"port":"9012"}`, `[{"port":1},2]`, `[[[[1]]]]`, `null`, `{"port":{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got port
		if json.Unmarshal(data, &got) == nil && (got < 0 || got > 65535) {
			t.Errorf("%s: read as %d", data, got)
		}
	})
}
