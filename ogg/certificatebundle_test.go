package ogg

import (
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// madeCertificate returns the PEM text of a certificate, and when it expires.
func madeCertificate(t testing.TB) (string, time.Time) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	c := s.Certificate()
	return string(pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: c.Raw})), c.NotAfter
}

// TestCertificateBundle checks the forms that a bundle may have.
func TestCertificateBundle(t *testing.T) {
	good, end := madeCertificate(t)
	const odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	const key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	user := func(text string) any {
		return map[string]any{"certificateBundle": map[string]any{"certificatePem": text, "privateKeyPem": key}}
	}
	trust := func(value any) any { return map[string]any{"trustpointBundle": value} }
	for name, c := range map[string]struct {
		response any
		found    bool
		err      error
	}{
		"one":                   {user(good), true, nil},
		"chain":                 {user(good + odd), true, nil},
		"key before":            {user(key + good), true, nil},
		"text before":           {user("subject=/CN=x\n" + good), true, nil},
		"leaf unreadable":       {user(odd + good), false, errUnreadableCertificate},
		"empty":                 {user(""), false, errNoCertificate},
		"key only":              {user(key), false, errNoCertificate},
		"trusted":               {trust(map[string]any{"trustpointPem": good}), true, nil},
		"trusted list":          {trust([]any{good, good}), true, nil},
		"trusted text":          {trust(good), true, nil},
		"trusted deep":          {trust(map[string]any{"a": []any{1, nil, map[string]any{"b": good}}}), true, nil},
		"trusted and not":       {trust([]any{odd, good}), true, errUnreadableCertificate},
		"trusted, none":         {trust(map[string]any{}), false, errNoCertificate},
		"neither":               {map[string]any{}, false, errNoCertificate},
		"null":                  {trust(nil), false, errNoCertificate},
		"user's before trusted": {map[string]any{"certificateBundle": map[string]any{"certificatePem": good}, "trustpointBundle": odd}, true, nil},
	} {
		body, err := json.Marshal(map[string]any{"response": c.response})
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := rest.Decode[certificateBundle]("url", body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := bundle.notAfter()
		if got.Equal(end) != c.found || !c.found && !got.IsZero() || err != c.err { //nolint:errorlint // the sentinels themselves
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}

func FuzzCertificateBundle(f *testing.F) {
	good, _ := madeCertificate(f)
	for _, text := range []string{good, good[:len(good)/2], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n", ""} {
		quoted, err := json.Marshal(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(`{"response":{"certificateBundle":{"certificatePem":` + string(quoted) + `}}}`))
		f.Add([]byte(`{"response":{"trustpointBundle":{"trustpointPem":[` + string(quoted) + `]}}}`))
	}
	f.Add([]byte(`{"response":{"trustpointBundle":5}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		bundle, err := rest.Decode[certificateBundle]("url", body)
		end := wire.Timestamp{}
		if err == nil {
			end, err = bundle.notAfter()
		}
		if err == nil && end.IsZero() {
			t.Errorf("%q was read", body)
		}
	})
}
