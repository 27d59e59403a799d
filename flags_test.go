package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ogg-exporter/ogg_exporter/files/filestest"
)

// TestUnitFlags: the exporter has the flags with which the unit starts and checks
// it, and those that comments give as an example.
func TestUnitFlags(t *testing.T) {
	commands := regexp.MustCompile(`(?m)^(?:Exec[A-Za-z]+=/\S+/ogg_exporter (.*)|#.*OPTIONS="(.*)".*)$`)
	found := 0
	for _, name := range []string{"ogg_exporter.service", "ogg_exporter.socket"} {
		unit, err := os.ReadFile(filepath.Join("systemd", name))
		must(t, err)
		for _, m := range commands.FindAllStringSubmatch(string(unit), -1) {
			found++
			args := strings.Fields(strings.ReplaceAll(m[1]+m[2], "$OPTIONS", ""))
			if f, _, err := parseFlags(args, io.Discard, io.Discard); err != nil {
				t.Errorf("%s: %q: %v", name, args, err)
			} else if _, err := f.options(); err != nil {
				t.Errorf("%s: %q: %v", name, args, err)
			}
		}
	}
	if found != 4 {
		t.Errorf("%d commands, want ExecStart, ExecReload and two examples", found)
	}
}

// TestComposeFlags: the exporter has the flags with which demo/compose.yml starts it, and
// they start the demo.
func TestComposeFlags(t *testing.T) {
	text, err := os.ReadFile("demo/compose.yml")
	must(t, err)
	var content struct {
		Services struct{ Exporter struct{ Command []string } }
	}
	must(t, yaml.Unmarshal(text, &content))
	command := content.Services.Exporter.Command
	if f, _, err := parseFlags(command, io.Discard, io.Discard); err != nil || !f.demo {
		t.Errorf("the exporter starts with %q: %v", command, err)
	}
}

// TestURLOf: the address at which a person finds a page is one that a browser takes.
func TestURLOf(t *testing.T) {
	for listen, want := range map[string]string{
		":17809":             "http://localhost:17809/metrics",
		"[::1]:80":           "http://[::1]:80/metrics",
		"[fe80::1%eth0]:80":  "http://[fe80::1%25eth0]:80/metrics",
		"vmogg.example.com:": "http://vmogg.example.com:/metrics",
	} {
		f, _, err := parseFlags([]string{"--web.listen-address=" + listen}, io.Discard, io.Discard)
		must(t, err)
		if got := f.urlOf(f.telemetryPath); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
}

// TestWebFiles: a web configuration that is no regular file, or that names one, is an error before
// anything reads it.
func TestWebFiles(t *testing.T) {
	for name, file := range filestest.Hostile(t) {
		naming := filepath.Join(t.TempDir(), "web.yml")
		for want, web := range map[string]string{
			"--web.config.file: read " + file.Name: file.Name,
			"tls_server_config.cert_file: read":    "tls_server_config: {cert_file: " + file.Name + "}",
			"tls_server_config.key_file: read":     "tls_server_config: {key_file: " + file.Name + "}",
			"tls_server_config.client_ca_file: ":   "tls_server_config: {client_ca_file: " + file.Name + "}",
		} {
			if web != file.Name {
				must(t, os.WriteFile(naming, []byte(web), 0o600))
				web = naming
			}
			f, _, err := parseFlags([]string{"--ogg.url=http://gg", "--web.config.file=" + web}, io.Discard, io.Discard)
			must(t, err)
			if _, err := f.options(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file.Problem) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
}
