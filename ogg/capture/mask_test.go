package capture

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
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

// newTestMasker returns a masker that knows the configuration.
func newTestMasker(t testing.TB, replicats ...string) *masker {
	t.Helper()
	return newMasker([]config.ServiceManager{maskedConfig(t)}, replicats)
}

// TestMaskText checks what stays of a text: words of the vocabulary, codes, times and short numbers.
func TestMaskText(t *testing.T) {
	for given, want := range map[string]string{
		"":                                 "",
		"Extract EXT1 started.":            "Extract X0X started.",
		"OGG-00446 ORA-12541: in 12 of 99": "OGG-00446 ORA-12541: in 12 of 99",
		"2026-01-15T09:27:00.000Z, 2026-01-15 09:27:00, 00:10:05": "2026-01-15T09:27:00.000Z, 2026-01-15 09:27:00, 00:10:05",
		"Version 23.8.0.25.04":                          "Version 23.8.0.25.04",
		"HTTP 502 after 30s, 5% of 64KiB":               "HTTP 502 after 30s, 5% of 64KiB",
		"position 4711, 1234567":                        "position x0x, x1x",
		"+49 30 12 34 56, 12.05.1984":                   "+x0x, x1x",
		"fred and Fred and FRED":                        "x0x and X0x and X0X",
		"to-nas01 in orders/ea or orders":               "x0x in x1x/ea or x1x",
		"EXT1 ==> REP1 (REP1)":                          "X0X ==> X1X (X1X)",
		"pa$$w!rd#1 caf\u00e9\u00a0noir":                "x0x x1x",
		"source of monitor":                             "source of x0x",
		"https://db7.lab:1521/services/v2/extracts":     "https://x0x.x1x:1521/services/v2/extracts",
		"wss://10.1.2.3:443/x or 10.1.2.3":              "wss://x0x:443/x or x0x",
		"http://joe:test@localhost:9011/":               "http://x0x@localhost:9011/",
		"0.0.0.0, 127.0.0.1, ::, ::1, fd00::1":          "0.0.0.0, 127.0.0.1, ::, ::1, x0x",
		"00:11:22:33:44:55":                             "x0x",
		"system/manager@db7:1521/PDB1":                  "x0x/x1x@x2x:x3x/X4X",
		"identified by values 'test'; pwd=test":         "identified by values 'x0x'; pwd=x0x",
		"password: 12, PIN = running":                   "password: x0x, PIN = x1x",
		"Authorization: Basic Z2dtb25pdG9yOnB3":         "Authorization: X0x X1x",
		`C:\Users\fred\ogg`:                             `C:\Users\x0x\ogg`,
		`\\nas01\share`:                                 `\\x0x\x1x`,
		"/home/fred/dirdat/ea":                          "/home/x0x/dirdat/ea",
		"/trails/ea?path=%2Fu02%2Fnas01":                "/trails/ea?path=%2Fu02%2Fx0x",
		"%252525252573cott":                             "x0x",
		"s%63ott, %2573cott, %zz":                       "x0x, x0x, x1x",
		`{"pin":4711,"status":"running","alias":"test"`: `{"pin":x0x,"status":"running","alias":"x1x"`,
	} {
		if got := newTestMasker(t).text(given); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", given, got, want)
		}
	}
}

// TestMaskPath checks that names in requests are masked as they are in bodies.
// TestMasked checks that a text that is to be logged keeps GoldenGate's own words and codes alone.
func TestMasked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Error mapping from BILLING.INVOICES to BILLING.INVOICES.":                             "Error mapping from X0X.X1X to X0X.X1X.",
		"SQL error 1403 (ORA-01403) as c##ggadmin/" + oggtest.Secret + "@db.example":           "",
		"OCI Error ORA-01017, user ggadmin, password " + oggtest.Secret + ", host 10.20.30.40": "",
	} {
		got := Masked(text)
		if want != "" && got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		for _, secret := range []string{oggtest.Secret, "ggadmin", "10.20.30.40", "db.example", "BILLING"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: got %s", text, got)
			}
		}
	}
}

func TestMaskPath(t *testing.T) {
	m := newTestMasker(t)
	m.text("nas01 fred REP1")
	for given, want := range map[string]string{
		"/replicats/REP1/info/status":                 "/replicats/X2X/info/status",
		"/connections/OracleGoldenGate.fred/tables":   "/connections/OracleGoldenGate.x1x/tables",
		"/trails/ea?path=%2Fu02%2Fnas01+fred":         "/trails/ea?path=%2Fu02%2Fx0x+x1x",
		"/extracts?threads=none":                      "/extracts?threads=none",
		"/monitoring/messages?fromID=1234&limit=1000": "/monitoring/messages?fromID=1234&limit=1000",
		"/trails/ea?path=378282246310005":             "/trails/ea?path=x3x",
		"/sources/fred%2Fnas01%20%25/info":            "/sources/x1x%2Fx0x%20%25/info",
	} {
		if got := m.path(given); got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
}

// TestMaskThreads checks that the threads of a Replicat keep their numbers, and that other names
// that end in digits do not.
func TestMaskThreads(t *testing.T) {
	if got := newTestMasker(t, "FIN", "RC").text("FIN FIN001 FIN0012 RC RC001 EXT EXT001"); got != "X0X X0X001 X1X RC RC001 X2X X3X" {
		t.Errorf("got %s", got)
	}
}

// TestMaskBody checks that members and figures that are known stay, and that order and the form of
// numbers do.
func TestMaskBody(t *testing.T) {
	m := newTestMasker(t)
	given := `{"$schema":"ogg:extractStatus","lag":1.40292288149248E14,"sequence":-0,"hostname":"far7.lab.acme","status":"running",` +
		`"nothing":null,"yes":true,"position":"4711.88","processId":"19109","targets":[{"host":"10.9.8.7"},"ORCL on far7"],` +
		`"environment":[{"name":"TNS_ADMIN","value":"running"}],"credentials":{"scott":"test","alias":"ggw"},"pin":4711,` +
		`"description":"4711 {}","version":"21.3.0.0","offset":"10.1.2.3","dbms":"Oracle 12c","trailWriteErrors":3,"title":"{\"scott\":[1,\"far7\"]}","note":"[]"}`
	want := `{"$schema":"ogg:extractStatus","lag":1.40292288149248E14,"sequence":-0,"hostname":"x0x.x1x.x2x","status":"running",` +
		`"nothing":null,"yes":true,"position":"4711.88","processId":"19109","targets":[{"host":"x3x"},"X4x"],` +
		`"environment":[{"name":"X5X","value":"x6x"}],"credentials":{"x7x":"x8x","alias":"x9x"},"pin":0,` +
		`"description":"xax {}","version":"21.3.0.0","offset":"xbx","dbms":"Oracle 12c","trailWriteErrors":0,"title":"{\"x7x\":[0,\"x0x\"]}","note":"[]"}`
	if got := string(m.body([]byte(given))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
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
	masked := m.body(body)
	if !bytes.Equal(masked, m.body(body)) {
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

// TestMaskIsLinear checks that no text takes more time than its length warrants: each of these is
// masked in a moment, or not within the test's time.
func TestMaskIsLinear(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"a,", "1 ", "1", "%25", "25", ":", "a:", "a/", "a@", "key=", "key", "-----BEGIN X-----", "://", "{", `\"`, "identified by ", "é", "\xff"} {
		newTestMasker(t).body([]byte("%" + strings.Repeat(part, 20_000)))
	}
}

// TestMaskSelection checks that patterns become those of the pseudonyms of what they match.
func TestMaskSelection(t *testing.T) {
	m := newTestMasker(t)
	names := namesIn([]ogg.Exchange{{Body: []byte(`{"items":[{"name":"EXT1"},{"name" : "EX\u0054.2"},{"processName":"REP1"},{"title":"EXT3"}]}`)}})
	for given, want := range map[string]string{"EXT.*": `X0X\.2|X1X`, "REP1": "X2X", "X.*": `[^\s\S]`} {
		pattern, err := config.NewPattern(given)
		if err != nil {
			t.Fatal(err)
		}
		m.text("EXT.2 EXT1 REP1")
		got := m.selection(&pattern, names)
		if made, err := config.NewPattern(got); got != want || err != nil || made.MatchString("X3X") {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
}

// TestMaskSamples masks every available recorded and documented body, and checks that nothing
// but names, strings and numbers changes.
func TestMaskSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(samples, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("LEFT OUT: %s is not there", samples)
	}
	m := newTestMasker(t)
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		masked := m.body(body)
		if got, want := shape(t, masked), shape(t, body); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
		}
		for _, word := range []string{"ggma2", "vmogg", "172.19.16.252", "tig-aio", "slc03flg", "oggnet", "OGGOOW192", "OracleGoldenGate.OGG"} {
			if strings.Contains(string(masked), word) {
				t.Errorf("%s: %s occurs in\n%s", file, word, masked)
			}
		}
	}
}

// shape returns a JSON document with nothing but delimiters, the kinds of values, true, false and
// null.
func shape(t testing.TB, document []byte) string {
	t.Helper()
	var all strings.Builder
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		switch token := token.(type) {
		case nil:
			if err != nil {
				return all.String()
			}
			all.WriteString(" null")
		case json.Delim, bool:
			fmt.Fprint(&all, " ", token)
		default:
			fmt.Fprintf(&all, " %T", token)
		}
	}
}

// FuzzMask checks that a document keeps its shape, whatever it consists of, and that a secret in it
// does not stay, in any form.
func FuzzMask(f *testing.F) {
	for _, p := range places {
		f.Add([]byte(p), "Zq7fred!x")
	}
	f.Add([]byte(`{"x":"-----BEGIN CERTIFICATE-----","y":"%25%32%35","SECRET":{"lag":"SECRET"}}`), "10.20.30.40")
	c := maskedConfig(f)
	f.Fuzz(func(t *testing.T, body []byte, secret string) {
		m := newMasker([]config.ServiceManager{c}, []string{secret})
		body = bytes.ReplaceAll(body, []byte("SECRET"), []byte(secret))
		masked := m.body(body)
		if isDocument(body) && (!json.Valid(masked) || shape(t, masked) != shape(t, body)) {
			t.Fatalf("got %s from %s", masked, body)
		}
		if again := m.body(body); !bytes.Equal(again, masked) {
			t.Errorf("got %s, then %s", masked, again)
		}
		if secretPattern.MatchString(secret) && bytes.Contains(masked, []byte(secret)) {
			t.Errorf("%s is left in %s", secret, masked)
		}
	})
}

// secretPattern matches texts that cannot stay: words of letters that are not in the vocabulary.
var secretPattern = regexp.MustCompile(`^[Zz][Qq][A-Za-z]{6,}$`)
