package config

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// ociDir has configuration files of the OCI SDKs.
const ociDir = "testdata/oci"

func loadOCI(t *testing.T, keys string) OCI {
	t.Helper()
	file, err := filepath.Abs(ociDir + "/config")
	if err != nil {
		t.Fatal(err)
	}
	return loadText(t, "oci:\n  - {name: emea, config_file: '"+file+"', compartment_ids: [ocid1.compartment.oc1..a]"+keys+"}\n", Options{}).OCI[0]
}

func TestOCIDefaults(t *testing.T) {
	o := loadOCI(t, "")
	if o.Auth != OCIAuthConfigFile || o.Profile != "DEFAULT" || o.RefreshInterval != 5*time.Minute || o.Timeout != time.Minute ||
		o.Scrape != nil || o.Endpoint != nil || !o.Wants("anything") {
		t.Errorf("got %v", o)
	}
	sm := loadOCI(t, ", scrape: {}").Scrape
	if sm == nil || sm.Timeout != DefaultTimeout || sm.MaxConcurrentRequests != DefaultMaxConcurrentRequests || sm.MaxConcurrentRequestsTotal != DefaultMaxConcurrentRequestsTotal || sm.HTTPClient.EnableHTTP2 {
		t.Errorf("scrape: %v", sm)
	}
}

// TestOCIHome finds the configuration file of the OCI SDKs in its default place, and reports if it
// is not there.
func TestOCIHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	const text = "oci:\n  - name: emea\n    compartment_ids: [ocid1.tenancy.oc1..a]\n"
	_, err := Load(write(t, t.TempDir(), "ogg.yml", text), Options{})
	if err == nil || !strings.HasSuffix(err.Error(), "ogg.yml:2: oci[0].config_file: file cannot be read: no such file or directory") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"config", "key.pem"} {
		content, err := os.ReadFile(filepath.Join(ociDir, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, home, ".oci/"+name, string(content))
	}
	write(t, home, "user", "hunter2-user")
	for _, keys := range []string{"", "    config_file: ~/.oci/config\n    scrape: {basic_auth: {username_file: ~/user, password: a}}\n"} {
		o := loadText(t, text+keys, Options{}).OCI[0]
		if o.ConfigFile != filepath.Join(home, ".oci", "config") || o.Scrape != nil && o.Scrape.HTTPClient.BasicAuth.UsernameFile != filepath.Join(home, "user") {
			t.Errorf("got %v", o)
		}
	}
	t.Setenv("HOME", "")
	_, err = Load(write(t, t.TempDir(), "ogg.yml", text), Options{})
	if err == nil || !strings.HasSuffix(err.Error(), "oci[0].config_file: starts with ~, but there is no home directory") {
		t.Errorf("got %v", err)
	}
}

// TestOCICredentials reads profiles the way OCI's own tools do.
func TestOCICredentials(t *testing.T) {
	dir := t.TempDir()
	_, key := writeKeyPair(t, dir, "cert", "key.pem")
	write(t, dir, "old.pem", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\naHVudGVyMg==\n-----END RSA PRIVATE KEY-----\n")
	write(t, dir, "marked.pem", "\ufeff"+key)
	write(t, dir, "passphrase", "\ufeffhunter2=pass\r\n")
	file := write(t, dir, "config", "\ufeff; comment\r\nuser=nobody\n[DEFAULT]\r\nuser = u\r\ntenancy=t\nfingerprint=aa:bb\nkey_file=key.pem\nregion=r\n"+
		"[ other ]\nUSER=o\nkey_file = "+filepath.Join(dir, "old.pem")+"\npass_phrase=hunter2=pass\n#region=x\n[alone]\n")
	for _, test := range []struct {
		o    OCI
		want string
	}{
		{OCI{ConfigFile: file, Profile: "DEFAULT"}, "t/u/aa:bb r "},
		{OCI{ConfigFile: file, Profile: "DEFAULT", Region: "mine"}, "t/u/aa:bb mine "},
		{OCI{ConfigFile: file, Profile: "alone"}, "t/u/aa:bb r "},
		{OCI{ConfigFile: file, Profile: "other"}, "t/o/aa:bb r hunter2=pass"},
		{OCI{Auth: OCIAuthAPIKey, Region: "r", APIKey: &OCIAPIKey{
			TenancyID: "t", UserID: "u", Fingerprint: "aa", KeyFile: filepath.Join(dir, "marked.pem"),
		}}, "t/u/aa r "},
		{OCI{Auth: OCIAuthAPIKey, Region: "r", APIKey: &OCIAPIKey{
			TenancyID: "t", UserID: "k", Fingerprint: "cc",
			KeyFile: filepath.Join(dir, "old.pem"), PassphraseFile: filepath.Join(dir, "passphrase"),
		}}, "t/k/cc r hunter2=pass"},
	} {
		c, err := test.o.Credentials()
		got := strings.Join([]string{c.TenancyID, c.UserID, c.Fingerprint}, "/") + " " + c.Region + " " + string(c.Passphrase)
		if err != nil || got != test.want || c.Key == "" {
			t.Errorf("%s: got %q, %v", test.want, got, err)
		}
		if strings.Contains(got, "u/aa") && string(c.Key) != strings.TrimSpace(key) {
			t.Error("another key")
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(verb, c); strings.Contains(text, "hunter2") || strings.Contains(text, "PRIVATE KEY") {
				t.Errorf("%s has a secret: %s", verb, text)
			}
		}
	}
}

// TestOCIServiceManager makes the target for a deployment that was found.
func TestOCIServiceManager(t *testing.T) {
	o := loadOCI(t, ", scrape: {timeout: 3s, basic_auth: {username: u, password: p}, labels: {site: cloud}, deployments: [{name: x, bearer_token: t}]}")
	u := &url.URL{Scheme: "https", Host: "sales.example"}
	sm := o.ServiceManager("Sales", "SALES", u)
	if sm.Name != "emea/Sales" || sm.URL != u || !sm.ReverseProxy || sm.Managed != "SALES" || sm.Timeout != 3*time.Second {
		t.Errorf("got %v, managed %q", sm, sm.Managed)
	}
	if unnamed := o.ServiceManager("Sales", "", u); unnamed.Managed != "Sales" {
		t.Errorf("managed %q", unnamed.Managed)
	}
	sm.Labels["site"], sm.HTTPClient.BasicAuth.Username = "changed", "changed"
	sm.Deployments[0].Name, sm.Deployments[0].HTTPClient.Authorization.Type = "changed", "changed"
	again := o.ServiceManager("Sales", "SALES", u)
	if again.Labels["site"] != "cloud" || again.HTTPClient.BasicAuth.Username != "u" || again.Deployments[0].Name != "x" ||
		again.Deployments[0].HTTPClient.Authorization.Type != "Bearer" {
		t.Errorf("changed through a target: %v", again)
	}
}

// TestSameOCI changes each value of an entry on its own. No client can be kept after any of them.
func TestSameOCI(t *testing.T) {
	fill := func(differs int) (OCI, string) {
		o, f := OCI{}, &filler{t: t, differs: differs}
		f.fill(reflect.ValueOf(&o).Elem(), "")
		return o, f.path
	}
	one, _ := fill(-1)
	other, _ := fill(-1)
	one.ProxyConfig.Proxy()
	if !one.SameClient(other) || !(OCI{}).SameClient(OCI{}) || one.SameClient(OCI{}) {
		t.Fatal("not the same by value")
	}
	changed := 0
	for ; ; changed++ {
		other, field := fill(changed)
		if field == "" {
			break
		}
		if one.SameClient(other) {
			t.Errorf("the same after %s changed", field)
		}
	}
	if changed < 100 {
		t.Errorf("only %d values", changed)
	}
}

// TestOCIIsPrinted prints every key of an entry, and none of its secrets.
func TestOCIIsPrinted(t *testing.T) {
	schema := slices.Sorted(maps.Keys(keysOf(reflect.TypeFor[OCI]())))
	if printed := slices.Sorted(maps.Keys(keysOf(reflect.TypeFor[printedOCI]()))); !slices.Equal(printed, schema) {
		t.Errorf("the keys that are printed:\n%v\nthe schema's:\n%v", printed, schema)
	}
	o := loadOCI(t, ", region: r, endpoint: 'https://e', include_subcompartments: true, identity_endpoint: 'https://i', include_deployments: a, exclude_deployments: b, scrape_hosts: 'c.*', proxy_url: 'http://u:hunter2-proxy@p', scrape: {basic_auth: {username: u, password: hunter2-scrape}}")
	printed := map[string]any{}
	if err := yaml.Unmarshal([]byte(fmt.Sprint(o)), &printed); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"name": "emea", "auth": "config_file", "region": "r", "endpoint": "https://e", "identity_endpoint": "https://i", "include_deployments": "a", "exclude_deployments": "b", "scrape_hosts": "c.*"} {
		if printed[key] != want {
			t.Errorf("%s: printed as %v", key, printed[key])
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		for _, v := range []any{o, &o, []OCI{o}, Config{OCI: []OCI{o}}} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "hunter2") || !strings.Contains(text, "<secret>") {
				t.Errorf("%s of %T:\n%s", verb, v, text)
			}
		}
	}
	if j, err := o.MarshalJSON(); err != nil || strings.Contains(string(j), "hunter2") {
		t.Errorf("%v: %s", err, j)
	}
}
