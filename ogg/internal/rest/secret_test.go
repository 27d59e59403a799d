package rest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/files/filestest"
)

// secretUses send a request with a secret of each kind that is in a file.
var secretUses = map[string]func(file string) promconfig.HTTPClientConfig{
	"username": func(file string) promconfig.HTTPClientConfig {
		return promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{UsernameFile: file, Password: "a"}}
	},
	"password": func(file string) promconfig.HTTPClientConfig {
		return promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "a", PasswordFile: file}}
	},
	"bearer token": func(file string) promconfig.HTTPClientConfig {
		return promconfig.HTTPClientConfig{Authorization: &promconfig.Authorization{Type: "Bearer", CredentialsFile: file}}
	},
	"client secret": func(file string) promconfig.HTTPClientConfig {
		return promconfig.HTTPClientConfig{OAuth2: &promconfig.OAuth2{ClientID: "a", TokenURL: "http://b", ClientSecretFile: file}}
	},
	"signing key": func(file string) promconfig.HTTPClientConfig {
		return promconfig.HTTPClientConfig{OAuth2: &promconfig.OAuth2{
			ClientID: "a", TokenURL: "http://b", GrantType: "urn:ietf:params:oauth:grant-type:jwt-bearer", ClientCertificateKeyFile: file,
		}}
	},
	"header": func(file string) promconfig.HTTPClientConfig {
		return promconfig.HTTPClientConfig{HTTPHeaders: &promconfig.Headers{Headers: map[string]promconfig.Header{"X-Key": {Files: []string{file}}}}}
	},
	"certificates": func(file string) promconfig.HTTPClientConfig {
		return promconfig.HTTPClientConfig{TLSConfig: promconfig.TLSConfig{CAFile: file}}
	},
}

// TestHostileSecrets: no request is sent for want of a secret whose file is empty, or has become
// anything that cannot be read to its end, and its error says so at once.
func TestHostileSecrets(t *testing.T) {
	hostile := filestest.Hostile(t)
	for name, text := range map[string]string{"empty": "", "newline": "\n", "spaces": "  \r\n", "mark": "\ufeff\n"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		hostile[name] = filestest.File{Name: file, Problem: "is empty"}
	}
	for use, login := range secretUses {
		for name, file := range hostile {
			c := login(file.Name)
			err := sendWith(t, c)
			if use == "certificates" && file.Problem == "is empty" {
				file.Problem = "unable to use specified CA cert"
			}
			if err == nil || !strings.Contains(err.Error(), file.Problem) {
				t.Errorf("%s, %s: %v", use, name, err)
			}
			var of secrets
			of.add(&fileReader{}, c)
			if of.version(nil, fileSoon) == 0 && use != "certificates" {
				t.Errorf("%s, %s: no version", use, name)
			}
		}
	}
}

// sendWith sends a request with that login. That it was sent is an error too.
func sendWith(t *testing.T, c promconfig.HTTPClientConfig) error {
	t.Helper()
	pool, err := NewPool(c, nil, nil)
	if err != nil {
		return err
	}
	var transport http.RoundTripper = pool
	if c.BasicAuth != nil {
		pool.wants.Store(wantsBasic)
		transport = newPasswordTransport(c.BasicAuth, pool, transport)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := transport.RoundTrip(request)
	if err == nil {
		_ = answer.Body.Close()
	}
	return err
}
