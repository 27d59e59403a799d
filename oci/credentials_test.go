package oci_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// encrypted returns the key of the simulation's user, encrypted.
func encrypted(t testing.TB, s *ocitest.Server, passphrase string) string {
	t.Helper()
	block, _ := pem.Decode(s.Key())
	//nolint:staticcheck // the form in which OCI's console and openssl have long made them
	sealed, err := x509.EncryptPEMBlock(rand.Reader, block.Type, block.Bytes, []byte(passphrase), x509.PEMCipherAES128)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(sealed))
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// apiKey makes the entry sign with a key that it names itself.
func apiKey(s *ocitest.Server, c config.OCI, key, passphrase string) config.OCI {
	c.Auth, c.ConfigFile, c.Profile = config.OCIAuthAPIKey, "", ""
	c.APIKey = &config.OCIAPIKey{
		TenancyID: ocitest.TenancyID, UserID: ocitest.UserID, Fingerprint: s.Fingerprint(), KeyFile: key, PassphraseFile: passphrase,
	}
	return c
}

// TestAPIKey signs with a key that the configuration names, encrypted or not.
func TestAPIKey(t *testing.T) {
	t.Parallel()
	s, c := start(t, two())
	plain := write(t, "key.pem", string(s.Key()))
	sealed := write(t, "sealed.pem", encrypted(t, s, "hunter2-passphrase"))
	right, wrong := write(t, "passphrase", "hunter2-passphrase\n"), write(t, "wrong", "hunter2-wrong")
	for _, test := range []struct{ name, key, passphrase, want string }{
		{"plain", plain, "", ""},
		{"plain with a passphrase", plain, right, ""},
		{"encrypted", sealed, right, ""},
		{"a wrong passphrase", sealed, wrong, "the private key cannot be used: it is not an RSA key, or the passphrase is wrong"},
		{"no passphrase", sealed, "", "key file is encrypted, but there is no passphrase"},
	} {
		client, _ := newClient(t, apiKey(s, c, test.key, test.passphrase))
		inv := client.Refresh(context.Background())
		switch {
		case test.want == "" && (inv.Err != nil || len(inv.Deployments) != 2):
			t.Errorf("%s: %v", test.name, inv.Err)
		case test.want != "" && (inv.Err == nil || !strings.Contains(inv.Err.Error(), test.want)):
			t.Errorf("%s: %v", test.name, inv.Err)
		}
	}
}

// TestNoSecretIsTold looks for the key and its passphrase in all that a client says.
func TestNoSecretIsTold(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, c := start(t, two())
		key := encrypted(t, s, "hunter2-passphrase")
		c = apiKey(s, c, write(t, "key.pem", key), write(t, "passphrase", "hunter2-passphrase"))
		c.Scrape, c.Timeout = login(), time.Second
		client, log := newClient(t, c)
		said := []string{fmt.Sprintf("%+v", client.Refresh(context.Background()).Targets())}
		for _, f := range []ocitest.Fault{{Status: 401, Code: "NotAuthenticated"}, {Hang: true}, {Body: "<html>"}} {
			mend := s.Fault(ocitest.Target{}, f)
			inv := client.Refresh(context.Background())
			said = append(said, fmt.Sprintf("%+v %v", inv, inv.Err))
			for _, r := range inv.Reads {
				said = append(said, fmt.Sprint(r.Err))
			}
			mend()
		}
		c.APIKey.PassphraseFile = write(t, "wrong", "hunter2-wrong")
		other, otherLog := newClient(t, c)
		said = append(said, fmt.Sprint(other.Refresh(context.Background()).Err))
		all := strings.Join(slices.Concat(said, log.take(), otherLog.take()), "\n")
		for _, secret := range []string{"hunter2", "PRIVATE KEY", strings.Split(key, "\n")[5]} {
			if strings.Contains(all, secret) {
				t.Errorf("%q in:\n%s", secret, all)
			}
		}
		if !strings.Contains(all, "401") || !strings.Contains(all, "passphrase is wrong") {
			t.Errorf("the errors are missing:\n%s", all)
		}
	})
}

// TestResourcePrincipal signs as the resource on which the exporter runs.
func TestResourcePrincipal(t *testing.T) {
	s, c := start(t, two())
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"exp": %d}`, time.Now().Add(time.Hour).Unix()))
	token := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + claims + ".c2lnbmF0dXJl"
	t.Setenv("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2")
	t.Setenv("OCI_RESOURCE_PRINCIPAL_RPST", token)
	t.Setenv("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	t.Setenv("OCI_RESOURCE_PRINCIPAL_REGION", ocitest.Region)
	s.Allow("ST$"+token, &key.PublicKey)
	c.Auth, c.ConfigFile, c.Profile = config.OCIAuthResourcePrincipal, "", ""
	client, _ := newClient(t, c)
	for range 2 {
		if inv := client.Refresh(context.Background()); inv.Err != nil || len(inv.Deployments) != 2 {
			t.Errorf("%v, %v", inv.Err, errorsOf(inv))
		}
	}
}

// TestNoResourcePrincipal is not on a resource of OCI.
func TestNoResourcePrincipal(t *testing.T) {
	_, c := start(t, two())
	t.Setenv("OCI_RESOURCE_PRINCIPAL_VERSION", "0.0")
	c.Auth = config.OCIAuthResourcePrincipal
	client, _ := newClient(t, c)
	inv := client.Refresh(context.Background())
	if inv.Err == nil || !strings.HasPrefix(inv.Err.Error(), "resource principal: can not create resource principal") || strings.Contains(inv.Err.Error(), "\n") {
		t.Errorf("got %v", inv.Err)
	}
}

// TestNoInstancePrincipal is not on an instance of OCI: nobody waits for longer than a refresh
// may take, and the next finds the answer.
func TestNoInstancePrincipal(t *testing.T) {
	s, c := start(t, two())
	s.Fault(ocitest.Target{}, ocitest.Fault{Hang: true})
	t.Setenv("OCI_METADATA_BASE_URL", s.URL())
	c.Auth, c.Timeout = config.OCIAuthInstancePrincipal, 300*time.Millisecond
	client, _ := newClient(t, c)
	for range 2 {
		inv := client.Refresh(context.Background())
		if inv.Err == nil || !strings.HasPrefix(inv.Err.Error(), "no instance principal in time: ") {
			t.Errorf("got %v after %v", inv.Err, inv.Took)
		}
	}
	for deadline := time.Now().Add(time.Minute); len(s.Requests()) == 0 && time.Now().Before(deadline); {
		client.Refresh(context.Background()) // on a busy machine it may not have been sent yet
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests at once for the same", n)
	}
}

// TestTLS trusts the certificate that the configuration names, and no other.
func TestTLS(t *testing.T) {
	t.Parallel()
	plane := two()
	plane.TLS = true
	_, c := start(t, plane)
	client, _ := newClient(t, c)
	if inv := client.Refresh(context.Background()); inv.Err != nil {
		t.Error(inv.Err)
	}
	c.TLSConfig.CA = ""
	client, _ = newClient(t, c)
	if inv := client.Refresh(context.Background()); inv.Err == nil || !strings.Contains(inv.Err.Error(), "certificate") {
		t.Errorf("got %v", inv.Err)
	}
	c.TLSConfig.CAFile = "nowhere"
	if _, err := oci.NewClient(c, oci.Options{}); err == nil {
		t.Error("a client without its certificate")
	}
}

// TestRegion asks the control plane of the configured region, of the profile's, or none.
func TestRegion(t *testing.T) {
	t.Parallel()
	_, c := start(t, two())
	c.Endpoint = nil
	for _, test := range []struct{ region, want string }{
		{"", "goldengate.eu-frankfurt-1.oci.oraclecloud.com"},
		{"us-ashburn-1", "goldengate.us-ashburn-1.oci.oraclecloud.com"},
		{"us-langley-1", "goldengate.us-langley-1.oci.oraclegovcloud.com"},
		{"nowhere-1.example", "goldengate.nowhere-1.example"},
	} {
		c.Region = test.region
		if got := oci.Host(t, c); got != "https://"+test.want {
			t.Errorf("%q: got %s", test.region, got)
		}
	}
}
