package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzConfig checks that no text makes decoding or validation panic, and that the result is either
// complete or an error with one line per finding.
func FuzzConfig(f *testing.F) {
	files, _ := filepath.Glob("testdata/bad/*.yml")
	for _, file := range append(files, exampleFile) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(secretive))
	for _, bomb := range bombs() {
		if len(bomb.text) < 10_000 { // larger ones only slow down the mutations
			f.Add([]byte(bomb.text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		found := &findings{file: "f", lines: map[string]int{"": 1}}
		root := parse(text, found)
		d := &decoder{findings: found, dir: "testdata", broken: map[string]bool{}}
		if len(found.list) == 0 {
			d.expand(root, lookup(map[string]string{"A": "a: [b\n"}))
			c := d.config(root)
			if len(found.list) == 0 {
				for _, sm := range c.ServiceManagers {
					if sm.URL == nil || sm.URL.Host == "" || sm.Name == "" || sm.Timeout <= 0 {
						t.Errorf("incomplete: %v", sm)
					}
				}
			}
		}
		if err := found.err(); err != nil && strings.Count(err.Error(), "\n") >= len(found.list) {
			t.Errorf("more lines than findings:\n%v", err)
		}
	})
}

// FuzzProfile checks that no configuration file of the OCI SDKs makes reading it panic, and that
// values are trimmed.
func FuzzProfile(f *testing.F) {
	for _, text := range []string{"[DEFAULT]\nuser=a\n[b]\nkey_file = c=d\n", "[\n]\n=\n", "[DEFAULT]", "\ufeff[DEFAULT]\r\nuser = a\r\n"} {
		f.Add(text, "DEFAULT")
	}
	f.Fuzz(func(t *testing.T, text, profile string) {
		for key, value := range profileKeys(text, profile) {
			if value != strings.TrimSpace(value) || key != strings.ToLower(key) {
				t.Errorf("%q=%q", key, value)
			}
		}
	})
}
