package config

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

const exampleFile = "../config.example.yml"

// TestExampleLoads loads the example with the files that it names in place, and makes its clients.
func TestExampleLoads(t *testing.T) {
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key := writeKeyPair(t, dir, "tls/client_cert.pem", "tls/client_key.pem")
	write(t, dir, "tls/RootCA_cert.pem", cert)
	write(t, dir, "oci/config", "[DEFAULT]\nuser=u\nfingerprint=f\ntenancy=t\nkey_file=api_key.pem\n")
	write(t, dir, "oci/api_key.pem", key)
	for _, name := range []string{"ogg_monitor", "ogg_test_01_user", "token", "gateway_key", "oauth2", "oci_passphrase"} {
		write(t, dir, filepath.Join("secrets", name), "hunter2-"+name)
	}
	env := func(name string) (string, bool) {
		switch name {
		case "OGG_CA", "OGG_CLIENT_CERT":
			return cert, true
		case "OGG_CLIENT_KEY":
			return key, true
		}
		return "hunter2-" + name, strings.HasPrefix(name, "OGG_")
	}
	c, err := Load(write(t, dir, "config.example.yml", string(text)), Options{ExpandEnv: true, LookupEnv: env})
	if err != nil {
		t.Fatal(err)
	}
	for _, sm := range append(c.ServiceManagers, c.OCI[0].ServiceManager("a", "b", &url.URL{Scheme: "https", Host: "c"})) {
		for _, d := range append([]Deployment{{Name: "(own)"}}, sm.Deployments...) {
			if _, err := promconfig.NewClientFromConfig(sm.HTTPClientFor(d.Name), "test"); err != nil {
				t.Errorf("%s, %s: %v", sm.Name, d.Name, err)
			}
		}
	}
}

// TestExampleShowsEveryKey compares the example with the schema.
func TestExampleShowsEveryKey(t *testing.T) {
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	gather(root.Content[0], "", shown)
	var missing []string
	walkSchema(reflect.TypeFor[Config](), "", func(path string) {
		// References need a secret manager. The keys in nested mappings are the same as outside
		// them, and an override has the keys of the Service Manager.
		nested := []string{".oauth2.tls_config.", ".oauth2.no_proxy", ".oauth2.proxy_"}
		if strings.HasSuffix(path, "_ref") || slices.ContainsFunc(nested, func(s string) bool { return strings.Contains(path, s) }) {
			return
		}
		path = likeServiceManager(path)
		inOverride := strings.Replace(path, "service_managers.", "service_managers.deployments.", 1)
		inServiceManager := strings.Replace(path, ".deployments.", ".", 1)
		if !shown[path] && !shown[inOverride] && !shown[inServiceManager] {
			missing = append(missing, path)
		}
	})
	if len(missing) > 0 {
		t.Errorf("%s does not show:\n%s", exampleFile, strings.Join(missing, "\n"))
	}
	for _, path := range []string{"service_managers.deployments.name", "service_managers.oauth2.tls_config.ca_file", "service_managers.tls_config.key_file", "oci.scrape.basic_auth.username", "oci.tls_config.ca_file", "oci.proxy_url"} {
		if !shown[path] {
			t.Errorf("%s does not show %s", exampleFile, path)
		}
	}
}

// likeServiceManager returns where the example shows the keys that an entry of oci, and the rules for
// all, share with a Service Manager.
func likeServiceManager(path string) string {
	if strings.HasPrefix(path, "expect.") {
		return "service_managers." + path
	}
	if key, ok := strings.CutPrefix(path, "oci.scrape."); ok {
		return "service_managers." + key
	}
	for _, common := range []string{"tls_config.", "proxy_", "no_proxy"} {
		if strings.HasPrefix(path, "oci."+common) {
			return "service_managers" + strings.TrimPrefix(path, "oci")
		}
	}
	return path
}

// gather collects the paths of all keys, without list indexes.
func gather(n *yaml.Node, path string, shown map[string]bool) {
	for i, child := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			gather(child, path, shown)
		case i%2 == 1:
			at := join(path, n.Content[i-1].Value)
			if strings.HasSuffix(path, ".http_headers") {
				at = join(path, anyKey)
			}
			shown[at] = true
			gather(child, at, shown)
		}
	}
}

// walkSchema calls visit with the path of every key of a type, without list indexes.
func walkSchema(t reflect.Type, path string, visit func(string)) {
	for t.Kind() == reflect.Pointer && !isScalar(t) || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || isScalar(t) {
		return
	}
	for key, at := range keysOf(t) {
		visit(join(path, key))
		field := t.FieldByIndex(at).Type
		if key == anyKey {
			field = field.Elem()
		}
		walkSchema(field, join(path, key), visit)
	}
}

// TestSchemaHasTags guards keysOf against a promconfig field without a yaml tag.
func TestSchemaHasTags(t *testing.T) {
	n := 0
	walkSchema(reflect.TypeFor[Config](), "", func(path string) {
		n++
		if strings.HasSuffix(path, ".") || path == "" {
			t.Errorf("a field without a key at %q", path)
		}
	})
	if n < 100 {
		t.Errorf("only %d keys", n)
	}
}

// writeKeyPair writes a new self-signed certificate and its key, and returns both in PEM.
func writeKeyPair(t *testing.T, dir, certFile, keyFile string) (cert, key string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	cert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	key = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
	write(t, dir, certFile, cert)
	write(t, dir, keyFile, key)
	return cert, key
}
