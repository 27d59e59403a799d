package ogg

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Certificate is a certificate that the Service Manager stores for a deployment.
type Certificate struct {
	// Type is client, server, truststore, or another.
	Type string
	Name string
	// NotAfter is when it expires; of several trusted ones under one name, when the first
	// of them expires.
	NotAfter wire.Timestamp
}

// certificatesEvery is the time between two reads of a deployment's certificates: the answers may
// contain private keys, and say the same for months.
const certificatesEvery = time.Hour

// maxCertificates is how many certificates stay as they were before when a read fails. More than
// that are the product of names that change all the time.
const maxCertificates = 10_000

// certificateMemory keeps the certificates of a deployment between the reads.
type certificateMemory struct{ slowFacts[storedCertificates] }

// storedCertificates are the certificates of a deployment, and whether the release has such.
type storedCertificates struct {
	found []*Certificate
	asked bool
}

// readCertificates reads the certificates every hour, after a failure sooner, and otherwise
// returns what was last read. What a failed read does not find stays as it was before.
func readCertificates(ctx context.Context, v *visit) ([]*Certificate, bool, error) {
	if v.alone {
		return nil, false, nil
	}
	memory := wire.Remembered[certificateMemory](v.memory)
	if _, known, _ := memory.get(""); !known && !v.mayBegin(ctx) {
		return nil, false, nil
	}
	how := slowTerms{what: "certificates", interval: certificatesEvery, service: v.manager}
	memory.read(ctx, v, how, only(slowState{service: v.starts.of(ServiceManager, ServiceManager)}), func(ctx context.Context, _ string, before storedCertificates) (storedCertificates, error) {
		found, asked, err := listCertificates(ctx, v)
		if err != nil && len(before.found) <= maxCertificates {
			found, _ = unique(slices.Concat(found, before.found), func(c *Certificate) string { return c.Type + "/" + c.Name })
		}
		return storedCertificates{found, asked}, err
	})
	stored, _, err := memory.get("")
	return stored.found, stored.asked || err != nil, err
}

// listCertificates reads GET /deployments/{d}/certificates, GET …/certificates/{type} for each
// type listed there, and GET …/certificates/{type}/{certificate} for each certificate (21.3
// and later; role Administrator): 1 + 3 + C requests to the Service Manager. (26ai also has
// …/{certificate}/info, without a private key, but its members are not documented.)
func listCertificates(ctx context.Context, v *visit) ([]*Certificate, bool, error) {
	sm, route := v.manager, "/deployments/"+rest.Segment(v.deployment)+"/certificates"
	list, err := rest.Get[itemList](ctx, sm, route)
	if rest.IsNotFound(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, true, roleNeeded(err)
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

// roleNeeded adds the required role to a 403.
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
		return nil, nil // no certificates of this type
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

// certificateEnd reads when a certificate expires. The body may contain a private key: none of
// it is kept, and none of it gets into an error.
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
// ogg:userCertificateBundle, of which privateKeyPem is left out on purpose, or an
// ogg:trustpointBundle.
type certificateBundle struct {
	User struct {
		PEM pemText `json:"certificatePem"`
	} `json:"certificateBundle"`
	Trusted trusted `json:"trustpointBundle"`
}

// pemText is a text that becomes no label, and may be longer than one.
type pemText string

// trusted are the PEM texts of certificates in a trustpointBundle, an object with undocumented
// members.
type trusted []string

// UnmarshalJSON collects every string at any depth that looks like a certificate.
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

// What is wrong with a bundle. Neither error reveals its contents.
var (
	errNoCertificate         = errors.New("no certificate in PEM form")
	errUnreadableCertificate = errors.New("an unreadable certificate")
)

// notAfter returns when the certificate expires: the first in certificatePem, which may be
// followed by its issuers, or else the first to expire of the trusted ones. It is zero without
// one. If a trusted one cannot be read, there is an error as well.
func (b *certificateBundle) notAfter() (wire.Timestamp, error) {
	ends := certificateEnds(string(b.User.PEM))
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

// certificateEnds returns when each certificate of a PEM text expires, zero for an unreadable
// one. It ignores anything else in the text.
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
