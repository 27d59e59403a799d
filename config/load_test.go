package config

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestBadFiles loads every file in testdata/bad and compares the whole error with a golden file.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		golden := strings.TrimSuffix(file, ".yml") + ".txt"
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := Load(file, Options{})
			if err == nil {
				t.Fatalf("loaded: %v", c)
			}
			if c != nil {
				t.Error("got both an error and a configuration")
			}
			got := filepath.ToSlash(err.Error()) + "\n"
			if strings.Contains(got, "hunter2") {
				t.Errorf("a secret in the error:\n%s", got)
			}
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// TestOneErrorPerMistake checks that the error can be split into one error per mistake.
func TestOneErrorPerMistake(t *testing.T) {
	_, err := Load("testdata/bad/many.yml", Options{})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T is not joined", err)
	}
	if n := len(joined.Unwrap()); n != strings.Count(err.Error(), "\n")+1 {
		t.Errorf("%d errors in:\n%v", n, err)
	}
}

func TestUnreadableFile(t *testing.T) {
	if _, err := Load("testdata/nowhere.yml", Options{}); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "--config.file: testdata/nowhere.yml: ") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Load("testdata", Options{}); err == nil {
		t.Error("loaded a directory")
	}
}

func TestDefaults(t *testing.T) {
	c := loadText(t, "service_managers:\n  - url: HTTPS://vmogg/\n  - url: http://[::1]\n", Options{})
	sm := c.ServiceManagers[0]
	if sm.Name != "vmogg:443" || sm.URL.String() != "https://vmogg" {
		t.Errorf("name %q, url %q", sm.Name, sm.URL)
	}
	if name := c.ServiceManagers[1].Name; name != "[::1]:80" {
		t.Errorf("name %q", name)
	}
	if sm.Timeout != 10*time.Second || sm.MaxConcurrentRequests != 8 || sm.MaxConcurrentRequestsTotal != 64 || sm.ReverseProxy || sm.AllowPlainText {
		t.Errorf("defaults: %v", sm)
	}
	if !sm.HTTPClient.FollowRedirects || sm.HTTPClient.EnableHTTP2 {
		t.Errorf("HTTP defaults: %v", sm.HTTPClient)
	}
	if !sm.Wants("anything") || !sm.WantsProcess("anything") || !sm.WantsPath("anything") {
		t.Error("does not want everything by default")
	}
	if sm.Labels != nil {
		t.Errorf("labels by default: %v", sm.Labels)
	}
}

// TestConcurrency: the total is never less than what is set for each service, unless it is set too.
func TestConcurrency(t *testing.T) {
	for keys, want := range map[string]int{
		"": 64, "max_concurrent_requests: 64": 64, "max_concurrent_requests: 200": 200,
		"max_concurrent_requests_total: 1": 1, "max_concurrent_requests: 200, max_concurrent_requests_total: 100": 100,
	} {
		c := loadText(t, "service_managers:\n  - {url: https://a, "+keys+"}\n", Options{})
		if got := c.ServiceManagers[0].MaxConcurrentRequestsTotal; got != want {
			t.Errorf("%q: %d, want %d", keys, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	c := loadText(t, `service_managers:
  - &base
    name: prod
    url: https://vmogg:7809
    reverse_proxy: true
    allow_plain_text: true
    timeout: 1m30s
    max_concurrent_requests: 1_000
    follow_redirects: false
    enable_http2: true
    tls_config: {min_version: TLS13, insecure_skip_verify: true}
    bearer_token: 0123
    include_processes: E.*
    exclude_processes: ETEST
    include_paths: P.*
    exclude_paths: PTEST
  - {<<: *base, name: null_like, url: 'http://b', bearer_token: 'null'}
`, Options{})
	sm := c.ServiceManagers[0]
	if sm.Name != "prod" || !sm.ReverseProxy || !sm.AllowPlainText || sm.Timeout != 90*time.Second || sm.MaxConcurrentRequests != 1000 || sm.MaxConcurrentRequestsTotal != 1000 {
		t.Errorf("got %v", sm)
	}
	for name, want := range map[string]bool{"EAB": true, "ETEST": false, "RAB": false} {
		if got := sm.WantsProcess(name); got != want {
			t.Errorf("WantsProcess(%q) = %t", name, got)
		}
	}
	for name, want := range map[string]bool{"PAB": true, "PTEST": false, "AB": false} {
		if got := sm.WantsPath(name); got != want {
			t.Errorf("WantsPath(%q) = %t", name, got)
		}
	}
	h := sm.HTTPClient
	if h.FollowRedirects || !h.EnableHTTP2 || h.TLSConfig.MinVersion != promconfig.TLSVersions["TLS13"] || !h.TLSConfig.InsecureSkipVerify {
		t.Errorf("got %v", h)
	}
	if h.Authorization == nil || h.Authorization.Credentials != "0123" || h.Authorization.Type != "Bearer" {
		t.Errorf("bearer_token was not completed: %v", h)
	}
	merged := c.ServiceManagers[1]
	if merged.Name != "null_like" || merged.URL.Host != "b" || merged.HTTPClient.Authorization.Credentials != "null" || merged.Timeout != sm.Timeout {
		t.Errorf("merged: %v", merged)
	}
}

func TestWants(t *testing.T) {
	for _, test := range []struct {
		include, exclude, name string
		want                   bool
	}{
		{"", "", "a", true},
		{".*", "", "a", true},
		{"a", "", "a", true},
		{"a", "", "ab", false},
		{"a|b", "", "ab", false},
		{"a|b", "", "b", true},
		{".*", "test_.*", "test_1", false},
		{".*", "test", "test_1", true},
		{"(?i)A", "", "a", true},
	} {
		include, err1 := NewPattern(test.include)
		exclude, err2 := NewPattern(test.exclude)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		deployments := ServiceManager{IncludeDeployments: include, ExcludeDeployments: exclude}
		processes := ServiceManager{IncludeProcesses: include, ExcludeProcesses: exclude}
		paths := ServiceManager{IncludePaths: include, ExcludePaths: exclude}
		for kind, got := range map[string]bool{
			"Wants":        deployments.Wants(test.name),
			"WantsProcess": processes.WantsProcess(test.name),
			"WantsPath":    paths.WantsPath(test.name),
		} {
			if got != test.want {
				t.Errorf("include %q, exclude %q: %s(%q) = %t", test.include, test.exclude, kind, test.name, got)
			}
		}
	}
}

// TestWantsApart checks that the patterns for one kind of name do not affect the others.
func TestWantsApart(t *testing.T) {
	all, err := NewPattern(".*")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		sm                        ServiceManager
		deployment, process, path bool
	}{
		{ServiceManager{ExcludeDeployments: all}, false, true, true},
		{ServiceManager{ExcludeProcesses: all}, true, false, true},
		{ServiceManager{ExcludePaths: all}, true, true, false},
	} {
		sm := test.sm
		if sm.Wants("a") != test.deployment || sm.WantsProcess("a") != test.process || sm.WantsPath("a") != test.path {
			t.Errorf("%v wants deployment %t, process %t, path %t", sm, sm.Wants("a"), sm.WantsProcess("a"), sm.WantsPath("a"))
		}
	}
}

// TestRelativePaths puts a file of every kind next to the configuration, and none in the working
// directory.
func TestRelativePaths(t *testing.T) {
	dir := t.TempDir()
	writeKeyPair(t, dir, "cert", "key")
	for _, name := range []string{"user", "password", "header", "oauth"} {
		write(t, dir, name, "hunter2-"+name)
	}
	file := write(t, dir, "ogg.yml", `service_managers:
  - url: https://a
    basic_auth: {username_file: user, password_file: password}
    tls_config: {ca_file: cert, cert_file: cert, key_file: key}
    http_headers: {X-Key: {files: [header, `+filepath.Join(dir, "header")+`]}}
    deployments:
      - name: b
        oauth2:
          client_id: a
          token_url: https://login
          grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer
          client_certificate_key_file: key
          endpoint_params: {some_file: stays, username: ''}
`)
	c, err := Load(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	h, o := c.ServiceManagers[0].HTTPClient, c.ServiceManagers[0].HTTPClientFor("b").OAuth2
	header := h.HTTPHeaders.Headers["X-Key"].Files
	for _, got := range []string{
		h.BasicAuth.UsernameFile, h.BasicAuth.PasswordFile, header[0], header[1],
		h.TLSConfig.CAFile, h.TLSConfig.CertFile, h.TLSConfig.KeyFile, o.ClientCertificateKeyFile,
	} {
		if filepath.Dir(got) != dir {
			t.Errorf("%s is not in the directory of the configuration", got)
		}
	}
	if o.EndpointParams["some_file"] != "stays" {
		t.Errorf("endpoint_params: %v", o.EndpointParams)
	}
}

// TestUnusualFiles reads files that must neither block nor be taken for a secret.
func TestUnusualFiles(t *testing.T) {
	dir := t.TempDir()
	writeKeyPair(t, dir, "cert", "key")
	writeKeyPair(t, dir, "other_cert", "other_key")
	file := write(t, dir, "ogg.yml", `service_managers:
  - url: https://a
    basic_auth: {username: a, password_file: .}
    tls_config: {cert_file: cert, key_file: other_key}
`)
	_, err := Load(file, Options{})
	for _, want := range []string{
		":3: service_managers[0].basic_auth.password_file: file cannot be read: not a regular file",
		":4: service_managers[0].tls_config.cert_file: cannot be used with the key: ",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}

// loadText loads a configuration that must be valid.
func loadText(t *testing.T, text string, o Options) *Config {
	t.Helper()
	c, err := Load(write(t, t.TempDir(), "ogg.yml", text), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestURL checks the forms that a URL may have, and what becomes of them.
func TestURL(t *testing.T) {
	for in, want := range map[string]struct{ url, name, server string }{
		"https://vmogg:7809":                       {"https://vmogg:7809", "vmogg:7809", ""},
		"https://vmogg/":                           {"https://vmogg", "vmogg:443", ""},
		"https://host/ogg":                         {"https://host/ogg", "host:443", ""},
		"https://host/ogg//a/../b%2Fc/":            {"https://host/ogg/b%2Fc", "host:443", ""},
		"https://host/a%20b/":                      {"https://host/a%20b", "host:443", ""},
		"https://host/..":                          {"https://host", "host:443", ""},
		"http://[::1]:9011":                        {"http://[::1]:9011", "[::1]:9011", ""},
		"https://[fe80::1%25eth0]":                 {"https://[fe80::1%25eth0]", "[fe80::1%eth0]:443", "fe80::1"},
		"https://[fe80::1%25Ethernet%202]:9011/a/": {"https://[fe80::1%25Ethernet%202]:9011/a", "[fe80::1%Ethernet 2]:9011", "fe80::1"},
	} {
		c := loadText(t, "service_managers:\n  - url: "+in+"\n    reverse_proxy: true\n    deployments: [{name: north, tls_config: {insecure_skip_verify: true}}]\n", Options{})
		sm := c.ServiceManagers[0]
		if sm.URL.String() != want.url || sm.Name != want.name {
			t.Errorf("%s: got %s, named %s", in, sm.URL, sm.Name)
		}
		if sm.HTTPClient.TLSConfig.ServerName != want.server || sm.Deployments[0].HTTPClient.TLSConfig.ServerName != want.server {
			t.Errorf("%s: the name in the certificates is %q", in, sm.HTTPClient.TLSConfig.ServerName)
		}
	}
	c := loadText(t, "service_managers: [{url: 'https://[fe80::1%25eth0]', tls_config: {server_name: vmogg}}]\n", Options{})
	if got := c.ServiceManagers[0].HTTPClient.TLSConfig.ServerName; got != "vmogg" {
		t.Errorf("server_name became %q", got)
	}
}

// TestHosts checks under which names and addresses a Service Manager is known.
func TestHosts(t *testing.T) {
	c := loadText(t, `service_managers:
  - {name: a, url: 'https://VMogg.example.com:7809', aliases: [GG.example.com., 10.0.0.1, 'FD00:0::1', '::ffff:10.0.0.2', vmogg.example.com]}
  - {name: b, url: 'https://[fe80::1%25eth0]:7809'}
`, Options{})
	for i, want := range [][]string{
		{"vmogg.example.com", "gg.example.com", "10.0.0.1", "fd00::1", "10.0.0.2"},
		{"fe80::1"},
	} {
		if got := c.ServiceManagers[i].Hosts(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
