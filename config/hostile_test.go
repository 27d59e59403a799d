package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/files/filestest"
)

// fileFields are configurations with a FILE in the field of that name.
var fileFields = map[string]string{
	"service_managers[0].basic_auth.password_file":                "service_managers: [{url: 'https://a', basic_auth: {username: a, password_file: FILE}}]",
	"service_managers[0].basic_auth.username_file":                "service_managers: [{url: 'https://a', basic_auth: {username_file: FILE, password: a}}]",
	"service_managers[0].authorization.credentials_file":          "service_managers: [{url: 'https://a', authorization: {credentials_file: FILE}}]",
	"service_managers[0].bearer_token_file":                       "service_managers: [{url: 'https://a', bearer_token_file: FILE}]",
	"service_managers[0].oauth2.client_secret_file":               "service_managers: [{url: 'https://a', oauth2: {client_id: a, token_url: 'https://b', client_secret_file: FILE}}]",
	"service_managers[0].oauth2.client_certificate_key_file":      "service_managers: [{url: 'https://a', oauth2: {client_id: a, token_url: 'https://b', grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_certificate_key_file: FILE}}]",
	"service_managers[0].oauth2.tls_config.ca_file":               "service_managers: [{url: 'https://a', oauth2: {client_id: a, token_url: 'https://b', client_secret: a, tls_config: {ca_file: FILE}}}]",
	"service_managers[0].http_headers.X-Key.files[0]":             "service_managers: [{url: 'https://a', http_headers: {X-Key: {files: [FILE]}}}]",
	"service_managers[0].tls_config.ca_file":                      "service_managers: [{url: 'https://a', tls_config: {ca_file: FILE}}]",
	"service_managers[0].tls_config.cert_file":                    "service_managers: [{url: 'https://a', tls_config: {cert_file: FILE, key: a}}]",
	"service_managers[0].tls_config.key_file":                     "service_managers: [{url: 'https://a', tls_config: {cert: a, key_file: FILE}}]",
	"service_managers[0].deployments[0].basic_auth.password_file": "service_managers: [{url: 'https://a', deployments: [{name: a, basic_auth: {username: a, password_file: FILE}}]}]",
	"oci[0].config_file":                                          "oci: [{name: a, compartment_ids: [ocid1.compartment.oc1..a], config_file: FILE}]",
	"oci[0].api_key.key_file":                                     "oci: [{name: a, auth: api_key, region: a, compartment_ids: [ocid1.compartment.oc1..a], api_key: {tenancy_id: a, user_id: a, fingerprint: a, key_file: FILE}}]",
	"oci[0].api_key.passphrase_file":                              "oci: [{name: a, auth: api_key, region: a, compartment_ids: [ocid1.compartment.oc1..a], api_key: {tenancy_id: a, user_id: a, fingerprint: a, key_file: FILE, passphrase_file: FILE}}]",
	"oci[0].tls_config.ca_file":                                   "oci: [{name: a, auth: instance_principal, compartment_ids: [ocid1.compartment.oc1..a], tls_config: {ca_file: FILE}}]",
	"oci[0].scrape.basic_auth.password_file":                      "oci: [{name: a, auth: instance_principal, compartment_ids: [ocid1.compartment.oc1..a], scrape: {basic_auth: {username: a, password_file: FILE}}}]",
}

// TestHostileFiles: a file of any kind that is not regular, too large or empty is one error at
// once, with the name of its field.
func TestHostileFiles(t *testing.T) {
	dir := t.TempDir()
	hostile := filestest.Hostile(t)
	for name, text := range map[string]string{"empty": "", "newline": "\n", "spaces": " \r\n", "mark": "\ufeff\n"} {
		hostile[name] = filestest.File{Name: write(t, dir, name, text), Problem: "file is empty"}
	}
	for field, text := range fileFields {
		for name, file := range hostile {
			_, err := Load(write(t, dir, "ogg.yml", strings.ReplaceAll(text, "FILE", file.Name)), Options{})
			want := field + ": file cannot be read: " + file.Problem
			if file.Problem == "file is empty" {
				want = field + ": " + file.Problem
			}
			if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), field+":") != 1 {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
}

// TestHostileConfiguration: so is a configuration.
func TestHostileConfiguration(t *testing.T) {
	for name, file := range filestest.Hostile(t) {
		_, err := Load(file.Name, Options{})
		if want := "--config.file: " + file.Name + ": cannot be read: " + file.Problem; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestHostileProfile: so is the key that a profile of the OCI SDKs names, and what takes the place
// of a file later.
func TestHostileProfile(t *testing.T) {
	for name, file := range filestest.Hostile(t) {
		dir := t.TempDir()
		profile := write(t, dir, "profile", "[DEFAULT]\ntenancy=a\nuser=a\nfingerprint=a\nregion=a\nkey_file="+file.Name+"\n")
		o := OCI{Auth: OCIAuthConfigFile, ConfigFile: profile, Profile: DefaultOCIProfile}
		for _, want := range []string{"profile: key file cannot be read: ", "file cannot be read: "} {
			if _, err := o.Credentials(); err == nil || !strings.HasPrefix(err.Error(), want+file.Problem) {
				t.Errorf("%s: %v", name, err)
			}
			o.ConfigFile = file.Name
		}
	}
}

// TestEmptyPassphrase: a passphrase that has become empty is not taken for none.
func TestEmptyPassphrase(t *testing.T) {
	dir := t.TempDir()
	o := OCI{Auth: OCIAuthAPIKey, APIKey: &OCIAPIKey{PassphraseFile: write(t, dir, "passphrase", " \n")}}
	if _, err := o.Credentials(); err == nil || err.Error() != "passphrase file is empty" {
		t.Errorf("got %v", err)
	}
}

// bombs are small texts that stand for much, or texts that are much, with how their only error
// begins.
func bombs() map[string]struct{ text, want string } {
	const sm = "service_managers: [{url: 'http://gg', labels: {<<: *a29}}]\n"
	nested := func(first, format string, times int) string {
		var b strings.Builder
		b.WriteString("a0: &a0 " + first + "\n")
		for i := 1; i < 30; i++ {
			alias := fmt.Sprintf("*a%d", i-1)
			fmt.Fprintf(&b, "a%d: &a%d "+format+"\n", i, i, strings.Join(slices.Repeat([]string{alias}, times), ", "))
		}
		return b.String()
	}
	wide := "{k: v" + strings.ReplaceAll(headers(20_000), "{values: [a]}", "v") + "}"
	manyKeys := &strings.Builder{}
	for i := range maxValues {
		fmt.Fprintf(manyKeys, "k%d: 1\n", i)
	}
	claims := "service_managers: [{url: 'http://gg', oauth2: {client_id: a, client_secret: a, token_url: 'http://b', claims: {a: *a29}}}]\n"
	const repeats, values = "stands for more than 2000000 values", "has more than 1000000 values"
	return map[string]struct{ text, want string }{
		"merged laughs":    {nested("{k: v}", "{<<: [%s]}", 9) + sm, repeats},
		"laughs in claims": {nested("[x, x, x]", "[%s]", 9) + claims, repeats},
		"merged lines":     {"a: &a29 " + wide + "\nservice_managers: [" + strings.Repeat("{<<: *a29}, ", 20_000) + "]", repeats},
		"labels repeated":  {"a: &a29 " + wide + "\nservice_managers: [" + strings.Repeat("{labels: *a29}, ", 20_000) + "]", repeats},
		"headers copied": {"service_managers: [{http_headers: {" + strings.Repeat("A", 10) + ": {values: [a]}" + headers(5_000) + "}, deployments: [" +
			strings.Repeat("{name: a}, ", 5_000) + "]}]", repeats},
		"long path":   {"service_managers: [{url: 'http://gg', http_headers: {" + strings.Repeat("A", 1000) + ": {values: [" + strings.Repeat("a, ", 300_000) + "]}}}]", "service_managers[0].http_headers: keys must not be longer than 256 bytes"},
		"itself":      {"service_managers: [{url: 'http://gg', oauth2: {claims: {a: &a [*a, *a]}}}]", repeats},
		"many keys":   {manyKeys.String(), values},
		"many values": {"service_managers: [" + strings.Repeat("a,", maxValues) + "]", values},
		"many maps":   {"service_managers: [" + strings.Repeat("{},", maxValues) + "]", values},
		"many lists":  {strings.Repeat("- ", maxValues) + "a", values},
		"documents":   {strings.Repeat("a\n---\n", maxValues), values},
		"deep":        {"service_managers: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "invalid YAML: exceeded max depth of 10000"},
	}
}

// headers are n entries of http_headers.
func headers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ", X%d: {values: [a]}", i)
	}
	return b.String()
}

// TestBombs: a text that stands for more than memory holds is one error. Each of them would take
// minutes, or gigabytes, if it were decoded.
func TestBombs(t *testing.T) {
	for name, bomb := range bombs() {
		t.Run(name, func(t *testing.T) {
			file := write(t, t.TempDir(), "ogg.yml", bomb.text)
			_, err := Load(file, Options{ExpandEnv: true})
			if err == nil || !strings.HasPrefix(err.Error(), file+":1: "+bomb.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %.200v", err)
			}
		})
	}
}

// TestManyMistakes: of very many mistakes the first are reported, and how many there are.
func TestManyMistakes(t *testing.T) {
	for n, lines := range map[int]int{99: 99, 100: 100, 101: 101, 102: 101, 50_000: 101} {
		text := strings.Builder{}
		for i := range n {
			fmt.Fprintf(&text, "k%d%s: 1\n", i, strings.Repeat("a", 200))
		}
		file := write(t, t.TempDir(), "ogg.yml", text.String()+"service_managers: [{url: 'http://gg'}]")
		_, err := Load(file, Options{})
		if err == nil {
			t.Fatal("loaded")
		}
		all := strings.Split(err.Error(), "\n")
		if len(all) != lines || len(err.Error()) > 100*lines+lines*len(file) {
			t.Errorf("%d mistakes: %d lines, %d bytes", n, len(all), len(err.Error()))
		}
		if want := fmt.Sprintf("%s: and %d more mistakes", file, n-100); n > 101 && all[100] != want {
			t.Errorf("%d mistakes: ends with %q", n, all[100])
		}
	}
}

// TestMergedDeep: mappings may merge others to a depth that nobody needs.
func TestMergedDeep(t *testing.T) {
	for depth, ok := range map[int]bool{maxMerging - 1: true, maxMerging: false} {
		text := strings.Builder{}
		text.WriteString("service_managers:\n- &a0 {url: 'http://gg', name: sm0}\n")
		for i := 1; i <= depth; i++ {
			fmt.Fprintf(&text, "- &a%d {<<: *a%d, name: sm%d}\n", i, i-1, i)
		}
		_, err := Load(write(t, t.TempDir(), "ogg.yml", text.String()), Options{})
		if (err == nil) != ok || !ok && !strings.Contains(err.Error(), "more than 100 deep") {
			t.Errorf("%d deep: %v", depth, err)
		}
	}
}

// tenThousand is a configuration of 10,000 Service Managers.
func tenThousand(t testing.TB) string {
	dir := t.TempDir()
	text := strings.Builder{}
	text.WriteString("service_managers:\n- &base {url: 'https://gg', basic_auth: {username: u, password_file: password}, labels: {team: dba}, include_processes: 'E.*'}\n")
	for i := range 9_999 {
		fmt.Fprintf(&text, "- {<<: *base, name: sm%d, url: 'https://gg%d:9011'}\n", i, i)
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(filepath.Join(dir, "password"), []byte("hunter2\n"), 0o600))
	file := filepath.Join(dir, "ogg.yml")
	must(os.WriteFile(file, []byte(text.String()), 0o600))
	return file
}

// TestTenThousand: so many are loaded, in much less than the time limit of tests: it took minutes
// when each looked at the fields of all others.
func TestTenThousand(t *testing.T) {
	if c, err := Load(tenThousand(t), Options{}); err != nil || len(c.ServiceManagers) != 10_000 {
		t.Errorf("got %v", err)
	}
}

// BenchmarkLoad loads 10,000 Service Managers.
func BenchmarkLoad(b *testing.B) {
	file := tenThousand(b)
	for b.Loop() {
		if _, err := Load(file, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
