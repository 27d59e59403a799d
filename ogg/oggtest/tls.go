package oggtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// authority is the simulation's CA and the certificates that it has issued.
type authority struct {
	ca                           *issued
	certificate                  []byte // PEM
	clientCertificate, clientKey []byte // PEM
	services                     *tls.Config
}

// config returns the TLS configuration of the services; nil without TLS.
func (a *authority) config() *tls.Config {
	if a == nil {
		return nil
	}
	return a.services
}

// newAuthority creates a CA, one certificate for all services and one for clients.
func newAuthority(notAfter time.Time, demandClient bool) (*authority, error) {
	now := time.Now()
	if notAfter.IsZero() {
		notAfter = now.AddDate(1, 0, 0)
	}
	ca, err := sign("oggtest CA", now.AddDate(10, 0, 0), nil)
	if err != nil {
		return nil, err
	}
	service, err := sign("oggtest service", notAfter, ca)
	if err != nil {
		return nil, err
	}
	client, err := sign("oggtest client", now.AddDate(1, 0, 0), ca)
	if err != nil {
		return nil, err
	}
	a := &authority{ca: ca, certificate: ca.pem(), clientCertificate: client.pem()}
	if a.clientKey, err = client.keyPEM(); err != nil {
		return nil, err
	}
	a.services = &tls.Config{Certificates: []tls.Certificate{service.pair()}, MinVersion: tls.VersionTLS12}
	if demandClient {
		a.services.ClientAuth = tls.RequireAndVerifyClientCert
		a.services.ClientCAs = x509.NewCertPool()
		a.services.ClientCAs.AddCert(ca.leaf)
	}
	return a, nil
}

// issued is a certificate with its key.
type issued struct {
	leaf *x509.Certificate
	key  *ecdsa.PrivateKey
}

// sign issues a certificate; if by is nil, a self-signed CA.
func sign(name string, notAfter time.Time, by *issued) (*issued, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", name, err)
	}
	t := template(name, notAfter, by == nil)
	parent := &issued{t, key}
	if by != nil {
		parent = by
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent.leaf, &key.PublicKey, parent.key)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", name, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", name, err)
	}
	return &issued{leaf, key}, nil
}

func template(name string, notAfter time.Time, ca bool) *x509.Certificate {
	t := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             notBefore(notAfter),
		NotAfter:              notAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		BasicConstraintsValid: true,
	}
	if ca {
		t.IsCA, t.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		t.ExtKeyUsage, t.DNSNames, t.IPAddresses = nil, nil, nil
	}
	return t
}

// notBefore returns an hour ago, or an hour before notAfter if that has passed.
func notBefore(notAfter time.Time) time.Time {
	start := time.Now()
	if notAfter.Before(start) {
		start = notAfter
	}
	return start.Add(-time.Hour)
}

func (i *issued) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.leaf.Raw})
}

func (i *issued) keyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func (i *issued) pair() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{i.leaf.Raw}, PrivateKey: i.key, Leaf: i.leaf}
}
