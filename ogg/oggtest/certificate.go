package oggtest

import (
	"crypto/tls"
	"fmt"
	"slices"
	"time"
)

// Certificate is a certificate that the Service Manager stores for a deployment.
type Certificate struct {
	// Type is client, server or truststore.
	Type string

	// Name has 1 to 64 characters.
	Name string

	// NotAfter is when it expires; if zero, a year after the start of the simulation.
	NotAfter time.Time

	// Served makes it the one that the deployment's services present, if they have ports of their
	// own that use TLS. A day before it expires, they restart with another that lasts as long, so
	// that a simulation can run for longer.
	Served bool

	// PrivateKey adds privateKeyPem, which the Service Manager may return for a client or server
	// certificate.
	PrivateKey bool

	// Malformed replaces the certificate with text that is not PEM.
	Malformed bool
}

// certificate is a certificate in PEM, with its issuer and its key.
type certificate struct {
	spec             Certificate
	pem, issuer, key string
	pair             tls.Certificate
}

// certificateTypes are the types that every deployment lists.
var certificateTypes = []string{"client", "server", "truststore"}

// certificateRoutes are the Service Manager's certificates of deployments, since 21.3. The format
// of …/{certificate}/info is unknown.
var certificateRoutes = []route{
	certificateRoute("", "certificates", (*exchange).certificateTypes),
	certificateRoute("/{type}", "certificateNames", (*exchange).certificates),
	certificateRoute("/{type}/{certificate}", "certificate", (*exchange).certificate),
}

func certificateRoute(path, describes string, answer func(*exchange) (object, *failure)) route {
	return route{
		path: "/services/v2/deployments/{deployment}/certificates" + path, services: []string{serviceManager},
		has: func(p *profile) bool { return p.certificates }, role: RoleAdministrator,
		describes: describes, answer: answer,
	}
}

// certificateTypes answers GET /services/v2/deployments/{deployment}/certificates (since 21.3).
func (x *exchange) certificateTypes() (object, *failure) {
	if x.server.find(x.vars["deployment"]) == nil {
		return nil, notFound
	}
	items := list{}
	for _, t := range certificateTypes {
		items = append(items, x.item(t))
	}
	return collection(items), nil
}

// certificates answers GET /services/v2/deployments/{deployment}/certificates/{type} (since 21.3).
func (x *exchange) certificates() (object, *failure) {
	d := x.server.find(x.vars["deployment"])
	if d == nil || !slices.Contains(certificateTypes, x.vars["type"]) {
		return nil, notFound
	}
	items := list{}
	for _, c := range d.kept {
		if c.spec.Type == x.vars["type"] {
			items = append(items, x.item(c.spec.Name))
		}
	}
	return collection(items), nil
}

// certificate answers GET /services/v2/deployments/{deployment}/certificates/{type}/{certificate}
// (since 21.3) with PEM, which contains the expiry date.
func (x *exchange) certificate() (object, *failure) {
	d := x.server.find(x.vars["deployment"])
	if d == nil {
		return nil, notFound
	}
	c := d.certificate(x.vars["type"], x.vars["certificate"])
	if c == nil {
		return nil, notFound
	}
	if c.spec.Type == "truststore" {
		return object{{"$schema", "ogg:trustpointBundle"}, {"trustpointBundle", object{{"trustpointPem", c.pem}}}}, nil
	}
	return object{{"$schema", "ogg:userCertificateBundle"}, {"certificateBundle", join(
		object{
			{"$schema", "ogg:certificateWithPvtKeyPem"},
			{"certificatePem", c.pem},
			{"caCertificates", list{c.issuer}},
		},
		when(c.key != "", member{"privateKeyPem", c.key}),
	)}}, nil
}

func (d *deployment) certificate(kind, name string) *certificate {
	i := slices.IndexFunc(d.kept, func(c certificate) bool { return c.spec.Type == kind && c.spec.Name == name })
	if i < 0 {
		return nil
	}
	return &d.kept[i]
}

// addCertificates creates the certificates of a deployment. They have a common issuer, except for
// those of a truststore, which are self-signed.
func (s *Server) addCertificates(d *deployment) error {
	for _, spec := range d.spec.Certificates {
		if spec.Name == "" || len(spec.Name) > 64 || d.certificate(spec.Type, spec.Name) != nil {
			return fmt.Errorf("certificate name %q is invalid or taken", spec.Name)
		}
		if spec.Served && (spec.Type != "server" || s.pki == nil) {
			return fmt.Errorf("certificate %s: only one of a server, with TLS, is served", spec.Name)
		}
		if !slices.Contains(certificateTypes, spec.Type) {
			return fmt.Errorf("certificate %s: unknown type %q", spec.Name, spec.Type)
		}
		if spec.NotAfter.IsZero() {
			spec.NotAfter = s.created.AddDate(1, 0, 0)
		}
		c, err := s.issue(spec)
		if err != nil {
			return err
		}
		d.kept = append(d.kept, c)
		if spec.Served {
			d.present(c)
			s.running.Go(func() { s.keepRenewing(d, spec.Name, spec.NotAfter) })
		}
	}
	return nil
}

// present makes the deployment's services present a certificate on new connections.
func (d *deployment) present(c certificate) {
	for _, svc := range d.services {
		if svc.endpoint != nil && svc.endpoint.tls != nil {
			svc.endpoint.close()
			svc.endpoint.tls = svc.endpoint.tls.Clone()
			svc.endpoint.tls.Certificates = []tls.Certificate{c.pair}
		}
	}
}

// beforeEnd is how long before its end a served certificate is renewed.
const beforeEnd = 24 * time.Hour

// keepRenewing renews a served certificate each time before it expires, until the simulation ends.
// The time is not that of the simulation's clock, but that by which clients check certificates.
func (s *Server) keepRenewing(d *deployment, name string, ends time.Time) {
	lasts := time.Until(ends)
	for ; lasts > beforeEnd; ends = time.Now().Add(lasts) {
		select {
		case <-s.done:
			return
		case <-time.After(time.Until(ends) - beforeEnd):
		}
		if s.renew(d, name, time.Now().Add(lasts)) != nil {
			return // it expires
		}
	}
}

// renew issues a served certificate anew, and restarts the services that present it.
func (s *Server) renew(d *deployment, name string, ends time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := d.certificate("server", name)
	spec := c.spec
	spec.NotAfter = ends
	renewed, err := s.issue(spec)
	if err != nil {
		return err
	}
	*c = renewed
	d.present(renewed)
	for _, svc := range d.services {
		if svc.up(d) {
			svc.started = s.clock.Now()
		}
	}
	return s.settle()
}

func (s *Server) issue(spec Certificate) (certificate, error) {
	if s.issuer == nil {
		var err error
		if s.issuer, err = sign("oggtest issuer", time.Now().AddDate(10, 0, 0), nil); err != nil {
			return certificate{}, err
		}
	}
	by := s.issuer
	switch {
	case spec.Type == "truststore":
		by = nil
	case spec.Served:
		by = s.pki.ca
	}
	i, err := sign(spec.Name, spec.NotAfter, by)
	if err != nil {
		return certificate{}, err
	}
	c := certificate{spec: spec, pem: string(i.pem()), pair: i.pair()}
	if by != nil {
		c.issuer = string(by.pem())
	}
	if spec.Malformed {
		c.pem = "-----BEGIN NOTHING-----\n"
	}
	if spec.PrivateKey && by != nil {
		key, err := i.keyPEM()
		if err != nil {
			return certificate{}, err
		}
		c.key = string(key)
	}
	return c, nil
}
