//go:build soak

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// configuration returns the text of the file, of a new generation.
func (s *soak) configuration() string {
	s.generation++
	var lines []string
	if s.cloud.configured {
		lines = append(lines, "oci:", "- "+s.cloud.element(s))
	}
	lines = append(lines, "service_managers:")
	for _, m := range s.sims {
		if m.configured && m.cloud == nil {
			lines = append(lines, "- "+s.element(m))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// element is a Service Manager in the configuration.
func (s *soak) element(m *simulated) string {
	keys := map[string]any{
		"name": m.name, "url": m.URL(), "reverse_proxy": m.spec.ReverseProxy, "max_concurrent_requests": m.concurrency, "timeout": s.timeout().String(),
	}
	if m.proxied {
		keys["proxy_url"] = s.proxy.address()
	}
	if m.name == steady {
		keys["timeout"] = pollTimeout.String()
		keys["labels"] = map[string]string{"generation": s.generationLabel()}
	}
	if m.spec.TLS {
		keys["tls_config"] = map[string]string{"ca": string(m.CACertificate())}
	}
	if m.spec.HTTP2 {
		keys["enable_http2"] = true
	}
	switch {
	case m.name == identified:
		keys["oauth2"] = map[string]any{"client_id": "exporter", "client_secret": m.secret, "token_url": s.tokens.URL()}
	case m.spec.Auth == oggtest.AuthBearer:
		keys["authorization"] = map[string]string{"credentials_file": m.secretFile}
	case m.secretFile != "":
		keys["basic_auth"] = map[string]string{"username": oggtest.DefaultUser, "password_file": m.secretFile}
	default:
		keys["basic_auth"] = map[string]string{"username": oggtest.DefaultUser, "password": m.secret}
	}
	return asYAML(s.t, keys)
}

// timeout is the timeout in the configuration of all except the steady one.
func (s *soak) timeout() time.Duration {
	if s.fresh {
		return pollTimeout - time.Millisecond
	}
	return pollTimeout
}

// generationLabel shows in service discovery which configuration is in force.
func (s *soak) generationLabel() string { return fmt.Sprintf("<%d>", s.generation) }

// reconfigure changes the configuration.
func (s *soak) reconfigure() {
	m := s.anyConfigured()
	names := []string{m.name}
	switch s.rng.IntN(4) {
	case 0:
		m.concurrency = choose(s, 1, 2, 4)
	default:
		m.configured = !m.configured
		if other := s.anyConfigured(); other != m && s.rng.IntN(2) == 0 {
			other.configured = !other.configured
			names = append(names, other.name)
		}
	}
	s.note("new configuration of %q, configured: %t", names, m.configured)
	s.restoreFiles()
	s.load(s.configuration(), true, names...)
}

// restoreFiles writes the files with secrets, without which no configuration is valid.
func (s *soak) restoreFiles() {
	if s.cloud.spoiled {
		s.writeCredentials()
	}
	for _, m := range s.sims {
		if m.secretFile == "" {
			continue
		}
		if _, err := os.Stat(m.secretFile); err != nil {
			s.writeSecret(m, m.secret)
		}
	}
}

// misconfigure writes a configuration that cannot be loaded.
func (s *soak) misconfigure() {
	good := s.configuration()
	name := choose(s, slices.Sorted(maps.Keys(mistakes))...)
	s.note("the configuration: %s", name)
	s.load(mistakes[name](good), false)
}

// mistakes turn a configuration into one that cannot be loaded.
var mistakes = map[string]func(good string) string{
	"empty":       func(string) string { return "" },
	"no YAML":     func(good string) string { return good + "\t- {" },
	"unknown key": func(good string) string { return good + "- {url: 'http://127.0.0.1:1', colour: " + hush + "red}\n" },
	"a bad URL":   func(good string) string { return good + "- {url: 'http://u:" + hush + "p@127.0.0.1:1'}\n" },
	"twice": func(good string) string {
		return good + good[strings.Index(good, "service_managers:\n")+len("service_managers:\n"):]
	},
	"bad types":      func(good string) string { return good + "- {url: [" + hush + "x], basic_auth: " + hush + "y}\n" },
	"no compartment": func(good string) string { return good + "oci: [{name: other, compartment_ids: [" + hush + "c]}]\n" },
	"bad CA": func(good string) string {
		return good + "- {url: 'https://127.0.0.1:1', tls_config: {ca: " + hush + "ca}}\n"
	},
	"bad pair": func(good string) string {
		return good + "- {url: 'https://127.0.0.1:1', tls_config: {cert: " + hush + "c, key: " + hush + "k}}\n"
	},
}

// secretComesLate writes a configuration that names a missing file. Once the file exists,
// the watch loads the configuration.
func (s *soak) secretComesLate() {
	s.restoreFiles()
	late := filepath.Join(filepath.Dir(s.file), "late")
	s.note("the configuration names a file that comes late")
	text := s.configuration() + "- {name: late, url: 'http://127.0.0.1:1', basic_auth: {username: u, password_file: late}}\n"
	s.load(text, false)
	s.facts.change(loaded)
	must(s.t, os.WriteFile(late, []byte(s.newSecret()), 0o600))
	s.await(true)
	s.settle(true)
	s.load(s.configuration(), true)
	must(s.t, os.Remove(late))
}

// load writes a configuration and has it loaded in one of the three ways. It returns when
// the exporter has reported the result.
func (s *soak) load(text string, good bool, names ...string) {
	way := choose(s, "POST", "SIGHUP", "watch")
	s.loadBy(way, text, good, names...)
}

// loadBy is load in the given way.
func (s *soak) loadBy(way, text string, good bool, names ...string) {
	wasGood := s.facts.now()[loaded].holds
	s.facts.change(append(names, loaded)...)
	s.replace(s.file, text)
	s.reloads.Add(1)
	switch way {
	case "POST":
		if a, ok := s.ask(http.MethodPost, "/-/reload"); ok && (a.status == http.StatusOK) != good {
			s.violation("a reload is answered with %d, which should be good: %t\n%.1000s", a.status, good, a.body)
		}
	case "SIGHUP":
		must(s.t, s.exporter.cmd.Process.Signal(syscall.SIGHUP))
	}
	// A second failure cannot be distinguished from the first.
	if good || wasGood {
		s.await(good)
	}
	s.settle(good)
}

// await waits until the exporter reports that the configuration was loaded, or was not.
func (s *soak) await(good bool) {
	for deadline := time.Now().Add(patience); ; s.pass(50 * time.Millisecond) {
		if good && s.isInForce() || !good && s.figure("ogg_exporter_config_last_reload_successful") == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.violation("a reload is not noticed in %s, which should be good: %t", patience, good)
			return
		}
	}
}

// isInForce reports whether the latest configuration is in force.
func (s *soak) isInForce() bool {
	a, ok := s.ask(http.MethodGet, "/sd")
	var groups []struct{ Labels map[string]string }
	return ok && json.Unmarshal([]byte(a.body), &groups) == nil && slices.ContainsFunc(groups, func(g struct{ Labels map[string]string }) bool {
		return g.Labels["generation"] == s.generationLabel()
	})
}

// figure scrapes one of the exporter's own metrics; -1 where it is missing.
func (s *soak) figure(name string) float64 {
	a, ok := s.ask(http.MethodGet, "/metrics?collect[]=deployment", "X-Prometheus-Scrape-Timeout-Seconds", "5")
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(a.body)
	if !ok || m == nil {
		return -1
	}
	value, err := strconv.ParseFloat(m[1], 64)
	must(s.t, err)
	return value
}
