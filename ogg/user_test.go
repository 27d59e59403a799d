package ogg_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestUser checks who is said to log in: the user in force, never a password.
func TestUser(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "user")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	basic := func(auth promconfig.BasicAuth) promconfig.HTTPClientConfig {
		auth.Password = "S3cret-Pw"
		return promconfig.HTTPClientConfig{BasicAuth: &auth}
	}
	for name, c := range map[string]struct {
		login promconfig.HTTPClientConfig
		user  string
	}{
		"a name":          {basic(promconfig.BasicAuth{Username: "monitor"}), "monitor"},
		"a file":          {basic(promconfig.BasicAuth{UsernameFile: file}), "from-file"},
		"a file, missing": {basic(promconfig.BasicAuth{UsernameFile: file + "-not"}), ""},
		"OAuth 2.0":       {promconfig.HTTPClientConfig{OAuth2: &promconfig.OAuth2{ClientID: "exporter", ClientSecret: "S3cret", TokenURL: "https://idp/token"}}, "exporter"},
		"nobody":          {promconfig.HTTPClientConfig{}, ""},
	} {
		sm := oggtest.ConfigFor("gg", "https://gg:7809")
		sm.HTTPClient = c.login
		sm.Deployments = []config.Deployment{{Name: "own", HTTPClient: basic(promconfig.BasicAuth{Username: "other"})}}
		client := newClient(t, sm)
		if got := client.User("north"); got != c.user {
			t.Errorf("%s: %q, want %q", name, got, c.user)
		}
		if got := client.User("own"); got != "other" {
			t.Errorf("%s: a deployment's own user is %q", name, got)
		}
	}
}

// TestServiceOfErrors checks that each failure of a read says which service was asked.
func TestServiceOfErrors(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Deployment: "north", Service: "distsrvr"}, oggtest.Fault{Status: 500})
	s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr", Path: "/services/v2/extracts"}, oggtest.Fault{Body: "[", Status: 200})
	var services []string
	for _, r := range deployment(t, newClient(t, sm).Poll(t.Context()), "north").Reads {
		for _, err := range wire.Failures(r.Err) {
			of, is := errors.AsType[*ogg.ServiceError](err)
			if !is {
				t.Errorf("%v has no service", err)
				continue
			}
			services = append(services, of.Microservice)
		}
	}
	slices.Sort(services)
	if got := slices.Compact(services); !slices.Equal(got, []string{"adminsrvr", "distsrvr"}) {
		t.Errorf("what failed is of %q", got)
	}
}

// TestLastErrorLine checks that the text of an error is there, masked and short, and not without a mask.
func TestLastErrorLine(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.Deployments[0].Processes[1].Status, i.Deployments[0].Processes[1].Stopped = "abended", time.Hour
	_, sm := simulate(t, i)
	for mask, want := range map[string]string{"masked\nline": "masked line", "": ""} {
		o := ogg.Options{Collectors: []string{"process", "message"}}
		if mask != "" {
			o.Mask = func(string) string { return mask }
		}
		client, err := ogg.NewClient(sm, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		all := deployment(t, client.Poll(t.Context()), "north").LastErrors
		if len(all) != 1 || all[0].Line != want {
			t.Errorf("%q: %+v, want the line %q", mask, all, want)
		}
	}
}
