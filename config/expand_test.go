package config

import (
	"strings"
	"testing"
	"time"
)

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

func TestExpandText(t *testing.T) {
	env := lookup(map[string]string{
		"A": "hunter2-a", "EMPTY": "", "NUMBER": "0123", "NULL": "null", "TRUE": "yes",
		"YAML": "- x: {url: https://evil} # {[", "MARKED": "\ufeffhunter2-a\r\n", "LINE": "hunter2-a\n", "DOLLAR": "${A}$$",
	})
	for in, want := range map[string]string{
		"${A}":       "hunter2-a",
		"'${A}'":     "hunter2-a",
		"x${A}y${A}": "xhunter2-ayhunter2-a",
		"$${A}":      "${A}",
		"$$":         "$",
		"$$$${A}":    "$${A}",
		"$$${A}":     "$hunter2-a",
		"a$b$":       "a$b$",
		"$A":         "$A",
		"a${EMPTY}":  "a",
		"${NUMBER}":  "0123",
		"${NULL}":    "null",
		"${TRUE}":    "yes",
		"${YAML}":    "- x: {url: https://evil} # {[",
		"${MARKED}":  "hunter2-a",
		"${LINE}b":   "hunter2-ab",
		"${DOLLAR}":  "${A}$$",
	} {
		text := "service_managers:\n  - url: https://a\n    bearer_token: " + in + "\n"
		c := loadText(t, text, Options{ExpandEnv: true, LookupEnv: env})
		if got := string(c.ServiceManagers[0].HTTPClient.Authorization.Credentials); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
		c = loadText(t, text, Options{LookupEnv: env})
		if got := string(c.ServiceManagers[0].HTTPClient.Authorization.Credentials); got != strings.Trim(in, "'") {
			t.Errorf("%s was expanded unasked: %q", in, got)
		}
	}
}

// TestUnexpanded: without expansion, each value that looks as if it were meant is in a warning, without the
// value.
func TestUnexpanded(t *testing.T) {
	text := "service_managers:\n  - url: https://a\n    bearer_token: hunter2${A}\n    labels:\n      x: $A ${} $${\n      y: ${B}\n"
	want := []string{
		":3: service_managers[0].bearer_token: contains ${...}, which stays as it is without --config.expand-env",
		":6: service_managers[0].labels.y: contains ${...}, which stays as it is without --config.expand-env",
	}
	got := loadText(t, text, Options{}).Warnings
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i, warning := range got {
		if !strings.HasSuffix(warning, want[i]) || strings.Contains(warning, "hunter2") {
			t.Errorf("got %q, want %q", warning, want[i])
		}
	}
	_, err := Load(write(t, t.TempDir(), "ogg.yml", strings.Replace(text, "https://a", "${URL}", 1)), Options{})
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 4 || !strings.HasSuffix(lines[1], ":2: service_managers[0].url: contains ${...}, which stays as it is without --config.expand-env") {
		t.Errorf("got %q, want the mistake, and what may be the reason", lines)
	}
	expanded := loadText(t, strings.Replace(text, " ${} $${", "", 1), Options{ExpandEnv: true, LookupEnv: lookup(map[string]string{"A": "", "B": "b"})})
	if len(expanded.Warnings) > 0 {
		t.Errorf("got %q, although all is expanded", expanded.Warnings)
	}
}

func TestExpandTypes(t *testing.T) {
	c := loadText(t, `service_managers:
  - {url: "${URL}", max_concurrent_requests: "${N}", reverse_proxy: "${BOOL}", timeout: "${TIME}", tls_config: {min_version: "${TLS}"}}
  - url: https://b
    max_concurrent_requests: ${N}
    reverse_proxy: ${BOOL}
    oauth2:
      client_id: a
      token_url: https://login
      claims: {number: "${N}"}
      endpoint_params:
        ${N}: ${N}
        lines: ${LINES}
`, Options{ExpandEnv: true, LookupEnv: lookup(map[string]string{
		"URL": "https://a", "N": "12", "BOOL": "true", "TIME": "3s", "TLS": "TLS13",
		"LINES": "x\nurl: https://evil\n",
	})})
	for _, sm := range c.ServiceManagers {
		if sm.MaxConcurrentRequests != 12 || !sm.ReverseProxy {
			t.Errorf("got %v", sm)
		}
	}
	if c.ServiceManagers[0].Timeout != 3*time.Second {
		t.Errorf("timeout %s", c.ServiceManagers[0].Timeout)
	}
	if o := c.ServiceManagers[1].HTTPClient.OAuth2; o.Claims["number"] != "12" || o.EndpointParams["${N}"] != "12" || o.EndpointParams["lines"] != "x\nurl: https://evil" {
		t.Errorf("claims %v, endpoint_params %v", o.Claims, o.EndpointParams)
	}
}

func TestExpandFromEnvironment(t *testing.T) {
	t.Setenv("OGG_TEST_NAME", "from_environment")
	c := loadText(t, "service_managers:\n  - {url: 'https://a', name: '${OGG_TEST_NAME}'}\n", Options{ExpandEnv: true})
	if got := c.ServiceManagers[0].Name; got != "from_environment" {
		t.Errorf("name %q", got)
	}
}

func TestExpandErrors(t *testing.T) {
	file := write(t, t.TempDir(), "ogg.yml", `service_managers:
  - url: ${NOWHERE}
    timeout: ${SECRET}
    max_concurrent_requests: ${SECRET}
    include_deployments: (${SECRET}
    reverse_proxy: ${SECRET}
    basic_auth:
      username: ${EMPTY}
      password: hunter2${not closed
    tls_config:
      min_version: ${SECRET}
    deployments:
      - name: a
        bearer_token: ${hunter2:-}
        proxy_url: ${SECRET}
`)
	_, err := Load(file, Options{ExpandEnv: true, LookupEnv: lookup(map[string]string{"SECRET": "hunter2", "EMPTY": ""})})
	const want = `ogg.yml:2: service_managers[0].url: environment variable NOWHERE is not defined
ogg.yml:3: service_managers[0].timeout: must be a duration with a unit, such as 10s
ogg.yml:4: service_managers[0].max_concurrent_requests: must be a whole number
ogg.yml:5: service_managers[0].include_deployments: is not a regular expression: missing closing )
ogg.yml:6: service_managers[0].reverse_proxy: must be true or false
ogg.yml:8: service_managers[0].basic_auth.username: must not be empty
ogg.yml:9: service_managers[0].basic_auth.password: contains a ${ that is not closed; write $${ for a literal ${
ogg.yml:11: service_managers[0].tls_config.min_version: must be TLS12 or TLS13
ogg.yml:14: service_managers[0].deployments[0].bearer_token: contains a ${...} that is not a variable name; write $${ for a literal ${
ogg.yml:15: service_managers[0].deployments[0].proxy_url: must start with http:// or https:// or socks5:// or socks5h://`
	if err == nil {
		t.Fatal("no error")
	}
	if got := strings.ReplaceAll(err.Error(), strings.TrimSuffix(file, "ogg.yml"), ""); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
