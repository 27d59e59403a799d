package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestSingle(t *testing.T) {
	file := filepath.Join("testdata", "secrets", "ogg")
	for _, test := range []struct {
		name                      string
		url, user, password, file string
		want                      string // error; "" for none
	}{
		{"no authentication", "http://vmogg:7809", "", "", "", ""},
		{"password", "https://vmogg:7809", "ogg", "hunter2", "", ""},
		{"password is not YAML", "https://vmogg:7809", "ogg", "*{hunter2: ${A}", "", ""},
		{"password file", "https://vmogg:7809", "ogg", "", file, ""},
		{"no url", "", "", "", "", "--ogg.url: is missing"},
		{"url", "vmogg:7809", "", "", "", "--ogg.url: must start with http:// or https://"},
		{"credentials in url", "https://ogg:hunter2@vmogg:7809/a", "", "", "", "--ogg.url: must not contain credentials; use --ogg.username\n--ogg.url: must not have a path, unless reverse_proxy is true: otherwise each service has a port of its own"},
		{"both passwords", "https://vmogg:7809", "ogg", "hunter2", file, "--ogg.password-file: must not be set together with OGG_PASSWORD"},
		{"user alone", "https://vmogg:7809", "ogg", "", "", "OGG_PASSWORD: is missing; set it or --ogg.password-file"},
		{"password alone", "https://vmogg:7809", "", "hunter2", "", "--ogg.username: is missing"},
		{"password file alone", "https://vmogg:7809", "", "", file, "--ogg.username: is missing"},
		{"missing file", "https://vmogg:7809", "ogg", "", "testdata/nowhere", "--ogg.password-file: file cannot be read: no such file or directory"},
		{"all at once", "ftp://a", "", "hunter2", "testdata/secrets/empty", "--ogg.password-file: file is empty\n" +
			"--ogg.password-file: must not be set together with OGG_PASSWORD\n--ogg.url: must start with http:// or https://\n--ogg.username: is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Single{URL: test.url, Username: test.user, Password: test.password, PasswordFile: test.file}.Load()
			if test.want != "" {
				if err == nil || err.Error() != test.want {
					t.Errorf("got:\n%v\nwant:\n%s", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sm := c.ServiceManagers[0]
			if sm.Name != "vmogg:7809" || sm.URL.String() != test.url || sm.Timeout != DefaultTimeout || !sm.HTTPClient.FollowRedirects {
				t.Errorf("got %v", sm)
			}
			auth := sm.HTTPClient.BasicAuth
			if test.user == "" {
				if auth != nil {
					t.Errorf("got %v", auth)
				}
				return
			}
			if auth.Username != test.user || string(auth.Password) != test.password || auth.PasswordFile != test.file {
				t.Errorf("got %+v", auth)
			}
		})
	}
}

// TestSingleBehindProxy: the environment says that NGINX is in front, and which CA it has its certificate of.
func TestSingleBehindProxy(t *testing.T) {
	dir := t.TempDir()
	writeKeyPair(t, dir, "ca.pem", "key.pem")
	ca := filepath.Join(dir, "ca.pem")
	c, err := Single{URL: "https://vmogg/gg", ReverseProxy: "true", CAFile: ca}.Load()
	if err != nil {
		t.Fatal(err)
	}
	if sm := c.ServiceManagers[0]; !sm.ReverseProxy || sm.HTTPClient.TLSConfig.CAFile != ca {
		t.Errorf("got %v", sm)
	}
	_, err = Single{URL: "https://vmogg", ReverseProxy: "nginx", CAFile: "testdata/nowhere"}.Load()
	want := "OGG_CA_FILE: file cannot be read: no such file or directory\nOGG_REVERSE_PROXY: must be true or false, not \"nginx\""
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestSingleErrorsHoldNoSecret(t *testing.T) {
	_, err := Single{URL: "https://hunter2:hunter2@%zz:hunter2", Password: "hunter2", PasswordFile: "hunter2"}.Load()
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
