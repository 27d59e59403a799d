package ocitest

import (
	"crypto/fips140"
	"crypto/md5" //nolint:gosec // the fingerprint of an API key is defined with it
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The user whose API key the simulation accepts.
const (
	TenancyID = "ocid1.tenancy.oc1..aaaaaaaaocitest"
	UserID    = "ocid1.user.oc1..aaaaaaaaocitest"
	Region    = "eu-frankfurt-1"
)

type user struct {
	key         *rsa.PrivateKey
	fingerprint string
}

func newUser() (user, error) {
	key, err := rsa.GenerateKey(rand.Reader, keySize())
	if err != nil {
		return user{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return user{}, err
	}
	var sum [md5.Size]byte
	fips140.WithoutEnforcement(func() { sum = md5.Sum(public) }) //nolint:gosec // see the import
	pairs := make([]string, len(sum))
	for i := range sum {
		pairs[i] = hex.EncodeToString(sum[i : i+1])
	}
	return user{key, strings.Join(pairs, ":")}, nil
}

// keySize is short, because tests start many simulations, unless FIPS 140 forbids that.
func keySize() int {
	if fips140.Enforced() {
		return 2048
	}
	return 1024
}

// keyID returns the keyId of the user's signatures.
func (u user) keyID() string { return TenancyID + "/" + UserID + "/" + u.fingerprint }

// Fingerprint returns the fingerprint of the user's API key.
func (s *Server) Fingerprint() string { return s.user.fingerprint }

// Key returns the user's private key in PEM.
func (s *Server) Key() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(s.user.key)})
}

// Allow accepts requests signed with the key under that ID, such as ST$ and a token.
func (s *Server) Allow(keyID string, key *rsa.PublicKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[keyID] = key
}

// Revoke rejects the user's API key from now on.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, s.user.keyID())
}

// WriteConfig writes a configuration file of the OCI SDKs into dir, with the user as profile
// DEFAULT and the private key beside it, and returns its path.
func (s *Server) WriteConfig(dir string) (string, error) {
	key, file := filepath.Join(dir, "api_key.pem"), filepath.Join(dir, "config")
	text := fmt.Sprintf("[DEFAULT]\nuser=%s\nfingerprint=%s\ntenancy=%s\nregion=%s\nkey_file=%s\n",
		UserID, s.user.fingerprint, TenancyID, Region, key)
	if err := os.WriteFile(key, s.Key(), 0o600); err != nil {
		return "", err
	}
	return file, os.WriteFile(file, []byte(text), 0o600)
}

// CACertificate returns the certificate to trust, in PEM; nil without TLS.
func (s *Server) CACertificate() []byte {
	certificate := s.http.Certificate()
	if certificate == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}
