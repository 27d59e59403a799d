package capture

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

// removed replaces private keys.
const removed = "(removed)"

// certificates are the stand-ins of certificates, in PEM, by the DER of the original.
type certificates map[string]string

// replace replaces a certificate in PEM by another one, and removes any other PEM block.
func (c certificates) replace(text string) string {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return removed
	}
	key := string(block.Bytes)
	if c[key] == "" {
		c[key] = c.standIn(block.Bytes)
	}
	return c[key]
}

// standIn returns, in PEM, a certificate with a public key pair and the validity of the given
// one. Anything that is not a certificate becomes another invalid block.
func (c certificates) standIn(der []byte) string {
	unreadable := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte(removed)})
	original, err := x509.ParseCertificate(der)
	if err != nil {
		return strings.TrimSpace(string(unreadable))
	}
	serial := len(c) + 1
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(serial)), Subject: pkix.Name{CommonName: fmt.Sprintf("certificate-%d", serial)},
		NotBefore: original.NotBefore, NotAfter: original.NotAfter,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return strings.TrimSpace(string(unreadable))
	}
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made})))
}
