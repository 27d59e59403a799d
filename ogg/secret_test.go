package ogg_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/secret"
)

// TestSecretFiles: a file loses what an editor leaves around a secret. One that nothing can be
// sent from any more is one clear error, without a request, until it is mended.
func TestSecretFiles(t *testing.T) {
	for name, c := range map[string]struct {
		auth   oggtest.Auth
		secret string
		use    func(h *promconfig.HTTPClientConfig, file string)
	}{
		"password": {oggtest.AuthBasic, oggtest.DefaultPassword, func(h *promconfig.HTTPClientConfig, file string) {
			h.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, PasswordFile: file}
		}},
		"password of digest": {oggtest.AuthDigest, oggtest.DefaultPassword, func(h *promconfig.HTTPClientConfig, file string) {
			h.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, PasswordFile: file}
		}},
		"user": {oggtest.AuthBasic, oggtest.DefaultUser, func(h *promconfig.HTTPClientConfig, file string) {
			h.BasicAuth = &promconfig.BasicAuth{UsernameFile: file, Password: oggtest.DefaultPassword}
		}},
		"token": {oggtest.AuthBearer, oggtest.DefaultToken, func(h *promconfig.HTTPClientConfig, file string) {
			h.Authorization = &promconfig.Authorization{Type: "Bearer", CredentialsFile: file}
		}},
		"header": {oggtest.AuthBearer, "Bearer " + oggtest.DefaultToken, func(h *promconfig.HTTPClientConfig, file string) {
			h.HTTPHeaders = &promconfig.Headers{Headers: map[string]promconfig.Header{"Authorization": {Files: []string{file}}}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "secret")
			write := func(text string) {
				t.Helper()
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			i := north(oggtest.Release26ai)
			i.Auth = c.auth
			s, sm := simulate(t, i)
			sm.HTTPClient.BasicAuth = nil
			c.use(&sm.HTTPClient, file)
			write("\ufeff" + c.secret + "\r\n")
			client := newClient(t, sm)
			poll(t, client)
			for text, want := range map[string]error{
				c.secret + "\n\n":              secret.ErrControl,
				"\xff\xfe" + c.secret + "\x00": secret.ErrUTF16,
				"":                             nil,
			} {
				write(text)
				before := len(s.Requests())
				inst := client.Poll(context.Background())
				path, is := errors.AsType[*os.PathError](inst.Err)
				if !is || path.Path != file || want != nil && !errors.Is(inst.Err, want) || strings.Contains(inst.Err.Error(), c.secret) {
					t.Errorf("%q: got %v", text, inst.Err)
				}
				if n := len(s.Requests()) - before; n != 0 {
					t.Errorf("%q: %d requests", text, n)
				}
				if n := requestStats(t, inst, ogg.ServiceManager).Retries; n != 0 {
					t.Errorf("%q: %d retries", text, n)
				}
			}
			write(c.secret)
			poll(t, client)
		})
	}
}

// TestUserFileWithColon: what follows a colon in the name of a user would be sent as the password.
func TestUserFileWithColon(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "user")
	if err := os.WriteFile(file, []byte("a:b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, sm := simulate(t, north(oggtest.Release26ai))
	sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{UsernameFile: file, Password: "p"}
	if inst := newClient(t, sm).Poll(context.Background()); !errors.Is(inst.Err, secret.ErrColon) {
		t.Errorf("got %v", inst.Err)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
