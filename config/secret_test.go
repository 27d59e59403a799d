package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretsLoseWhatIsAround checks that secrets lose a byte order mark and a newline wherever they
// come from.
func TestSecretsLoseWhatIsAround(t *testing.T) {
	text := `service_managers:
  - url: https://a
    basic_auth:
      username: |
        ogg monitor
      password: "${P}"
    http_headers:
      X-Value: {values: ["a\n"]}
      X-Secret: {secrets: ["\ufeffhunter2\r\n"]}
    deployments:
      - {name: north, authorization: {credentials: "hunter2\n"}}
      - {name: south, basic_auth: {username: u, password_file: SECRETS/marked}}
      - {name: east, oauth2: {client_id: "i\n", client_secret: "${P}", token_url: 'https://login'}}
`
	cert, key := writeKeyPair(t, t.TempDir(), "cert", "key")
	text += fmt.Sprintf("      - {name: west, tls_config: {ca: %q, cert: %[1]q, key: %q}}\n", "\ufeff"+cert, "\ufeff"+key)
	secrets, err := filepath.Abs("testdata/secrets")
	if err != nil {
		t.Fatal(err)
	}
	c := loadText(t, strings.ReplaceAll(text, "SECRETS", secrets),
		Options{ExpandEnv: true, LookupEnv: lookup(map[string]string{"P": "\ufeffhunter2 \r\n"})})
	sm := c.ServiceManagers[0]
	h, deployments := sm.HTTPClient, sm.Deployments
	for got, want := range map[string]string{
		h.BasicAuth.Username:                                                  "ogg monitor",
		string(h.BasicAuth.Password):                                          "hunter2 ",
		h.HTTPHeaders.Headers["X-Value"].Values[0]:                            "a",
		string(h.HTTPHeaders.Headers["X-Secret"].Secrets[0]):                  "hunter2",
		string(deployments[0].HTTPClient.Authorization.Credentials):           "hunter2",
		deployments[2].HTTPClient.OAuth2.ClientID:                             "i",
		"of OAuth2, " + string(deployments[2].HTTPClient.OAuth2.ClientSecret): "of OAuth2, hunter2 ",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSingleSecrets does the same for the environment variables, and checks what cannot be sent.
func TestSingleSecrets(t *testing.T) {
	c, err := Single{URL: "https://a", Username: "u\n", Password: "\ufeffhunter2\r\n"}.Load()
	if err != nil {
		t.Fatal(err)
	}
	if b := c.ServiceManagers[0].HTTPClient.BasicAuth; b.Username != "u" || b.Password != "hunter2" {
		t.Errorf("got %q, %q", b.Username, string(b.Password))
	}
	_, err = Single{URL: "https://a", Username: "a:hunter2", Password: "hunter2\n\n"}.Load()
	want := "--ogg.username: must not contain a colon: GoldenGate would take what follows it for the password\n" +
		"OGG_PASSWORD: contains a control character, such as a tab or another newline"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %v", err, want)
	}
}
