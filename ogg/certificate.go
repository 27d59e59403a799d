package ogg

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Certificate is one that the Service Manager keeps for a deployment.
type Certificate struct {
	// Type is client, server, truststore, or another.
	Type string
	Name string
	// NotAfter is when it ends; of several trusted ones under one name, when the
	// first of them does.
	NotAfter wire.Timestamp
}

// readCertificates reads GET /deployments/{d}/certificates, for each type that it
// lists GET …/certificates/{type}, and GET …/certificates/{type}/{certificate}
// for each that this lists (21.3 and later; role Administrator): 1 + 3 + C
// requests to the Service Manager.
func readCertificates(ctx context.Context, v *visit) ([]*Certificate, bool, error) {
	if v.alone {
		return nil, false, nil
	}
	sm, route := v.manager, "/deployments/"+rest.Segment(v.deployment)+"/certificates"
	list, err := rest.GetIfPresent[itemList](ctx, sm, route)
	if list == nil {
		return nil, err != nil, roleNeeded(err)
	}
	items, err := listed(sm, route, "items", list.Items)
	if err != nil {
		return nil, true, err
	}
	types, duplicates := unique(items, func(i item) string { return i.Name })
	found, errs := make([][]*Certificate, len(types)), make([]error, len(types))
	sm.OnEach(errs, func(i int) (err error) {
		found[i], err = readCertificatesOf(ctx, sm, route, types[i].Name)
		return err
	})
	return slices.Concat(found...), true, roleNeeded(wire.Join(append(errs, duplicates)...))
}

// roleNeeded says with a 403 what is needed.
func roleNeeded(err error) error {
	if rest.IsForbidden(err) {
		return fmt.Errorf("certificates need the role Administrator: %w", err)
	}
	return err
}

// readCertificatesOf reads the certificates of one type.
func readCertificatesOf(ctx context.Context, sm *rest.Endpoint, route, kind string) ([]*Certificate, error) {
	route += "/" + rest.Segment(kind)
	names, listErr := listNames(ctx, sm, route)
	if rest.IsNotFound(listErr) {
		return nil, nil // no certificate of the type
	}
	found, errs := make([]*Certificate, len(names)), make([]error, len(names))
	sm.OnEach(errs, func(i int) error {
		ends, err := certificateEnd(ctx, sm, route+"/"+rest.Segment(names[i]))
		if !ends.IsZero() {
			found[i] = &Certificate{Type: kind, Name: names[i], NotAfter: ends}
		}
		return err
	})
	found = slices.DeleteFunc(found, func(c *Certificate) bool { return c == nil })
	return found, wire.Join(listErr, wire.Summarize(errs, "certificates of type "+kind))
}

// certificateEnd reads when a certificate ends. The body may have a private key
// in it: nothing of it is kept, and nothing gets into an error.
func certificateEnd(ctx context.Context, sm *rest.Endpoint, route string) (wire.Timestamp, error) {
	var ends wire.Timestamp
	err := sm.Read(ctx, route, func(url string, body []byte) error {
		defer clear(body)
		bundle, err := rest.Decode[certificateBundle](url, body)
		if rest.IsOdd(err) { // whose text has what is in the body
			return &BodyError{URL: url, Got: "JSON of the wrong type"}
		}
		if err != nil {
			return err
		}
		if ends, err = bundle.notAfter(); err != nil {
			return &BodyError{URL: url, Got: err.Error()}
		}
		return nil
	})
	return ends, err
}

// certificateBundle is what GET …/certificates/{type}/{certificate} returns: an
// ogg:userCertificateBundle, whose privateKeyPem has no place here, or an
// ogg:trustpointBundle.
type certificateBundle struct {
	User struct {
		PEM string `json:"certificatePem"`
	} `json:"certificateBundle"`
	Trusted trusted `json:"trustpointBundle"`
}

// trusted are the PEM texts of certificates in a trustpointBundle, an object with
// members that are not described.
type trusted []string

// UnmarshalJSON takes every string that is, or is within, the value and looks like
// a certificate.
func (t *trusted) UnmarshalJSON(data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value, wire.Lenient); err != nil {
		return err
	}
	*t = nil
	t.gather(value)
	return nil
}

func (t *trusted) gather(value any) {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "-----BEGIN "+pemCertificate) {
			*t = append(*t, v)
		}
	case []any:
		for _, element := range v {
			t.gather(element)
		}
	case map[string]any:
		for _, member := range v {
			t.gather(member)
		}
	}
}

const pemCertificate = "CERTIFICATE"

// What is wrong with a bundle. Neither says anything of what is in it.
var (
	errNoCertificate         = errors.New("no certificate in PEM form")
	errUnreadableCertificate = errors.New("a certificate that cannot be read")
)

// notAfter returns when the certificate ends: the first in certificatePem, which
// its issuers may follow, or of those trusted the one that ends first. It is zero
// where there is none; where one of those trusted cannot be read, there is an
// error beside it.
func (b *certificateBundle) notAfter() (wire.Timestamp, error) {
	ends := certificateEnds(b.User.PEM)
	if len(ends) > 0 {
		ends = ends[:1]
	} else {
		for _, text := range b.Trusted {
			ends = append(ends, certificateEnds(text)...)
		}
	}
	if len(ends) == 0 {
		return wire.Timestamp{}, errNoCertificate
	}
	var err error
	first := wire.Timestamp{}
	for _, end := range ends {
		switch {
		case end.IsZero():
			err = errUnreadableCertificate
		case first.IsZero() || end.Before(first.Time):
			first = end
		}
	}
	return first, err
}

// certificateEnds returns when each certificate of a PEM text ends, zero for one
// that cannot be read. Anything else in the text is passed over.
func certificateEnds(text string) []wire.Timestamp {
	var ends []wire.Timestamp
	rest := []byte(text)
	defer clear(rest)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return ends
		}
		if block.Type != pemCertificate {
			continue
		}
		end := wire.Timestamp{}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			end = wire.TimestampOf(c.NotAfter)
		}
		ends = append(ends, end)
	}
}
