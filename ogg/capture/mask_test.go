package capture

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
)

const samples = "../../../shared/reference/samples"

// maskedConfig returns a configuration with a host, a user and secrets.
func maskedConfig(t testing.TB) config.ServiceManager {
	t.Helper()
	u, err := url.Parse("https://ogg01.corp.acme.test:9011")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("file-token-77\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.ServiceManager{
		Name: "prod", URL: u,
		HTTPClient: promconfig.HTTPClientConfig{
			BasicAuth: &promconfig.BasicAuth{Username: "monitor", Password: "Pa55-word!"},
		},
		Deployments: []config.Deployment{{Name: "west", HTTPClient: promconfig.HTTPClientConfig{
			Authorization: &promconfig.Authorization{CredentialsFile: file},
		}}},
	}
}

// newTestMasker returns a masker whose originals contain no pseudonym.
func newTestMasker(t testing.TB, names ...string) *masker {
	t.Helper()
	return newMasker(maskedConfig(t), names, func(string) bool { return false })
}

// TestMaskText checks words that are recognized by their context, and known words.
func TestMaskText(t *testing.T) {
	for given, want := range map[string]string{
		"":                        "",
		"Extract EXT1 started.":   "Extract EXT1 started.",
		"on OGG01.corp.acme.test": "on host-1.example.com",
		"on ogg01 it failed":      "on host-1 it failed",
		"on ogg012 it failed":     "on ogg012 it failed",
		"ogg09.corp.acme.test":    "host-2.example.com",
		"of corp.acme.test":       "of example.com",
		"user Monitor, monitors":  "user user-1, monitors",
		"xPa55-word!x":            "xsecret-1x",
		"with file-token-77":      "with secret-2",

		"https://db7.lab:1521/services/v2":     "https://host-2.example.com:1521/services/v2",
		"trail://db7:9014/services?trail=ea":   "trail://host-2:9014/services?trail=ea",
		"wss://10.1.2.3:443/x":                 "wss://192.0.2.1:443/x",
		"wss://[fd00::1]:443/x":                "wss://[2001:db8::1]:443/x",
		"http://joe:pw@db7/x":                  "http://secret-3@host-2/x",
		"http://localhost:9011/":               "http://localhost:9011/",
		"https://docs.oracle.com/a#OGG-1":      "https://docs.oracle.com/a#OGG-1",
		"bound to 0.0.0.0, 127.0.0.1, ::, ::1": "bound to 0.0.0.0, 127.0.0.1, ::, ::1",
		"from 10.1.2.3. To 10.1.2.4":           "from 192.0.2.1. To 192.0.2.2",
		"Version 23.8.0.25.04":                 "Version 23.8.0.25.04",
		"2026-01-15T09:27:00.000Z":             "2026-01-15T09:27:00.000Z",
		"fe80::1 is FE80:0::1":                 "2001:db8::1 is 2001:db8::1",

		"scott/tiger@dbhost:1521/PDB1":                    "user-2/user-3@host-2:1521/database-1",
		"c##gg@PDB1":                                      "user-2@database-1",
		"jdbc:oracle:thin:@//dbhost:1521/pdb1":            "jdbc:oracle:thin:@//host-2:1521/database-1",
		"(HOST=dbhost)(PORT=1521)(SERVICE_NAME=pdb1.lab)": "(HOST=host-2)(PORT=1521)(SERVICE_NAME=database-1)",
		"(HOST=db8)(SID=ORCL1)":                           "(HOST=host-2)(SID=database-1)",
		"USERIDALIAS ggw DOMAIN Fin":                      "USERIDALIAS user-2 DOMAIN domain-1",
		"userid gg, password tiger":                       "userid user-2, password (removed)",
		"RMTHOST far, MGRPORT 7809":                       "RMTHOST host-2, MGRPORT 7809",
		"/net/nas1/ogg/dirdat":                            "/net/host-2/ogg/dirdat",
		"/home/joe/dirdat":                                "/home/user-2/dirdat",
		"/services/v2/connections/Fin.ggw/tables":         "/services/v2/connections/domain-1.user-2/tables",
		"/services/v2/connections/OracleGoldenGate.west":  "/services/v2/connections/OracleGoldenGate.user-2",
		"/trails/ea?path=%2Fu02%2Fogg01%2F":               "/trails/ea?path=%2Fu02%2Fhost-1%2F",
		"/trails/ea?path=%2Fu02%2Fea":                     "/trails/ea?path=%2Fu02%2Fea",
		`{"alias":"ggw","databaseName":"PD`:               `{"alias":"user-2","databaseName":"database-1`,
		"CN=ogg77, O=Acme":                                "CN=host-2, O=Acme",
		"deployment west on west":                         "deployment west on west",
	} {
		if got := newTestMasker(t, "west").text(given); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", given, got, want)
		}
	}
}

// TestMaskBody checks that the names of fields count, that order and numbers are kept, and that
// a word learned in one answer is masked in others.
func TestMaskBody(t *testing.T) {
	m := newTestMasker(t, "west", "EXT1")
	given := `{"$schema":"ogg:x","z":1.40292288149248E14,"a":-0,"hostname":"far.lab.test","alias":"west","status":"monitor",` +
		`"nothing":null,"yes":true,"sourceDatabaseName":"ORCL","targets":[{"host":"10.9.8.7"},"ORCL on far"],` +
		`"environment":[{"name":"TNS_ADMIN","value":"/u02/x"}],"tableName":"PDB9.HR.EMP","short":"HR.EMP",` +
		`"password":"hidden-1","note":"hidden-1 <&>","version":"21.3.0.0","processId":"4711","deploymentName":"west","credentials":{"domain":"Fin","alias":"ggw"}}`
	want := `{"$schema":"ogg:x","z":1.40292288149248E14,"a":-0,"hostname":"host-2.example.com","alias":"user-2","status":"monitor",` +
		`"nothing":null,"yes":true,"sourceDatabaseName":"database-1","targets":[{"host":"192.0.2.1"},"database-1 on host-2"],` +
		`"environment":[{"name":"TNS_ADMIN","value":"(removed)"}],"tableName":"database-2.HR.EMP","short":"HR.EMP",` +
		`"password":"secret-3","note":"secret-3 <&>","version":"21.3.0.0","processId":"4711","deploymentName":"west","credentials":{"domain":"domain-1","alias":"user-3"}}`
	if got := string(m.body("/x", []byte(given))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := m.text("GGW asked orcl for pdb9 of west"); got != "user-3 asked database-1 for database-2 of west" {
		t.Errorf("got %q", got)
	}
	connections := `{"response":{"items":[{"name":"Fin.ggw"},{"name":"Fin.other"}]}}`
	if got := string(m.body("/connections", []byte(connections))); got != `{"response":{"items":[{"name":"domain-1.user-3"},{"name":"domain-1.user-4"}]}}` {
		t.Errorf("got %s", got)
	}
}

// TestMaskFindsAnotherPseudonym checks that a text in the originals is not used as a pseudonym.
func TestMaskFindsAnotherPseudonym(t *testing.T) {
	m := newMasker(maskedConfig(t), nil, func(text string) bool { return text == "host-1" || text == "user-1" })
	if got := m.text("ogg01 monitor"); got != "host-2 user-2" {
		t.Errorf("got %q", got)
	}
}

// TestMaskCertificates checks that a certificate becomes another one that expires at the same
// time, always the same one, and that a private key is removed.
func TestMaskCertificates(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "Acme"}, DNSNames: []string{"db9.lab.test"},
		NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(1_900_000_000, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	original := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	body, err := json.Marshal(map[string]string{"certificatePem": string(original), "privateKeyPem": "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\n", "cut": "-----BEGIN RSA PRIVATE KEY-----\nMIIabc"})
	if err != nil {
		t.Fatal(err)
	}
	m := newTestMasker(t)
	masked := m.body("/x", body)
	if !bytes.Equal(masked, m.body("/x", body)) {
		t.Error("the second time it is a different one")
	}
	var got map[string]string
	if err := json.Unmarshal(masked, &got); err != nil {
		t.Fatal(err)
	}
	if got["privateKeyPem"] != removed+"\n" || got["cut"] != removed {
		t.Errorf("got %q", got)
	}
	before, after := parseCertificate(t, string(original)), parseCertificate(t, got["certificatePem"])
	if !after.NotAfter.Equal(before.NotAfter) || after.Subject.CommonName != "certificate-1" || len(after.DNSNames) > 0 {
		t.Errorf("got %v until %v", after.Subject, after.NotAfter)
	}
	if got := m.text("certificate of db9.lab.test"); got != "certificate of host-2.example.com" {
		t.Errorf("the certificate's name is in %q", got)
	}
}

func parseCertificate(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("no PEM block in %q", text)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMaskSamples masks every available recorded and documented body, and checks that nothing
// but strings changes.
func TestMaskSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(samples, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("LEFT OUT: %s is not there", samples)
	}
	bodies := make([][]byte, len(files))
	for i, file := range files {
		if bodies[i], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	m := newTestMasker(t)
	for range 2 {
		for i, file := range files {
			masked := m.body("/x", bodies[i])
			if got, want := shape(t, masked), shape(t, bodies[i]); !slices.Equal(got, want) {
				t.Errorf("%s: got\n%q\nwant\n%q", file, got, want)
			}
			for _, word := range []string{"ggma2", "vmogg_single_deployment", "172.19.16.252", "tig-aio", "slc03flg", "oggnet", "OGGOOW192", "connections/OGG"} {
				if strings.Contains(string(masked), word) {
					t.Errorf("%s: %s occurs in\n%s", file, word, masked)
				}
			}
		}
	}
}

// shape returns a JSON document except its strings: delimiters, names, numbers, true, false
// and null.
func shape(t testing.TB, document []byte) []string {
	t.Helper()
	var all []string
	rest := rewrite(document, func(_, _, _ string) string { return "" })
	decoder := json.NewDecoder(bytes.NewReader(rest))
	decoder.UseNumber()
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, document)
		}
		text, _ := json.Marshal(token)
		all = append(all, string(text))
	}
	return all
}

// FuzzMask checks that a document keeps its shape, and that no known word remains in a text,
// except in an enumeration.
func FuzzMask(f *testing.F) {
	f.Add([]byte(`{"a":"ogg01 and monitor@ogg01.corp.acme.test","links":[{"href":"http://ogg01:1/%2Fmonitor"}]}`), "db77")
	f.Add([]byte(`[{"host":"x.y.z:1","alias":"\ud800"},1e400,"10.0.0.1","(HOST=db77)","CN=a@b/c"]`), "a-b")
	f.Add([]byte(`{"x":"-----BEGIN CERTIFICATE-----","y":"%25%32%35"}`), "x")
	c := maskedConfig(f)
	f.Fuzz(func(t *testing.T, document []byte, user string) {
		m := newMasker(c, nil, func(text string) bool {
			return strings.Contains(lower(string(document)+user), text)
		})
		m.learn(userName, user)
		if !isDocument(document) {
			m.text(string(document))
			return
		}
		for known := -1; known != m.known(); {
			known = m.known()
			m.body("/x", document)
		}
		masked := m.body("/x", document)
		if !json.Valid(masked) || !slices.Equal(shape(t, masked), shape(t, document)) {
			t.Fatalf("got %s from %s", masked, document)
		}
		rewrite(masked, func(_, field, text string) string {
			if !slices.Contains(enumerations, field) {
				checkMasked(t, m, text, user)
			}
			return text
		})
	})
}

// checkMasked checks that a text, apart from pseudonyms, contains no word of maskedConfig, nor
// the user if that is a plain word.
func checkMasked(t *testing.T, m *masker, text, user string) {
	t.Helper()
	if strings.Contains(text, "%") {
		return // the encoding may split the word
	}
	for _, known := range []map[string]string{m.pseudonyms, m.certificates} {
		for _, p := range slices.Backward(slices.SortedFunc(maps.Values(known), func(a, b string) int { return len(a) - len(b) })) {
			text = strings.ReplaceAll(text, p, " ")
		}
	}
	words := `ogg01\.corp\.acme\.test|ogg01|monitor`
	if regexp.MustCompile(`^[A-Za-z]{2,}$`).MatchString(user) && !m.names[lower(user)] && !slices.Contains(neverMasked, lower(user)) {
		words += "|" + user
	}
	left := regexp.MustCompile(`(?i)(^|[^\pL\pN_])(` + words + `)($|[^\pL\pN_])|Pa55-word!|file-token-77`)
	if found := left.FindString(strings.ReplaceAll(text, removed, "")); found != "" {
		t.Errorf("%q is left in %q", found, text)
	}
}
