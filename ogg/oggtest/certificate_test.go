package oggtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// certificates is a deployment with certificates of all types.
func certificates(soon time.Time) Deployment {
	return Deployment{Name: "west", Certificates: []Certificate{
		{Type: "server", Name: "default", NotAfter: soon, PrivateKey: true},
		{Type: "client", Name: "east"},
		{Type: "client", Name: "odd", Malformed: true},
		{Type: "truststore", Name: "company", NotAfter: soon},
	}}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	soon := time.Now().AddDate(0, 0, 20).UTC().Truncate(time.Second)
	for _, release := range []Release{Release21c, Release23ai, Release26ai} {
		s := start(t, Installation{Release: release, Role: RoleAdministrator, Deployments: []Deployment{certificates(soon)}})
		url := s.URL() + "/services/v2/deployments/west/certificates"
		if got := get(t, s, url, 200).names(); !slices.Equal(got, certificateTypes) {
			t.Error(got)
		}
		if got := get(t, s, url+"/client", 200).names(); !slices.Equal(got, []string{"east", "odd"}) {
			t.Error(got)
		}
		server := get(t, s, url+"/server/default", 200)
		bundle := "response.certificateBundle."
		leaf := parsed(t, server.at(bundle+"certificatePem"))
		issuer := parsed(t, server.at(bundle+"caCertificates.0"))
		if !leaf.NotAfter.Equal(soon) || leaf.CheckSignatureFrom(issuer) != nil || server.at("response.$schema") != `"ogg:userCertificateBundle"` {
			t.Errorf("%s %v", server.body, leaf.NotAfter)
		}
		if _, err := tls.X509KeyPair(text(t, server.at(bundle+"certificatePem")), text(t, server.at(bundle+"privateKeyPem"))); err != nil {
			t.Error(err)
		}
		client := get(t, s, url+"/client/east", 200)
		if client.at(bundle+"privateKeyPem") != "" || time.Until(parsed(t, client.at(bundle+"certificatePem")).NotAfter) < 300*24*time.Hour {
			t.Errorf("%s", client.body)
		}
		if block, _ := pem.Decode(text(t, get(t, s, url+"/client/odd", 200).at(bundle+"certificatePem"))); block != nil {
			t.Error("well formed")
		}
		trust := get(t, s, url+"/truststore/company", 200)
		if c := parsed(t, trust.at("response.trustpointBundle.trustpointPem")); !c.NotAfter.Equal(soon) || !c.IsCA || trust.at("response.$schema") != `"ogg:trustpointBundle"` {
			t.Errorf("%s", trust.body)
		}
		for _, none := range []string{"/other", "/server/none", "/client/default", "/server/default/info"} {
			get(t, s, url+none, 404)
		}
		get(t, s, s.URL()+"/services/v2/deployments/east/certificates", 404)
		if got := get(t, s, s.URL()+"/services/v2/deployments/ServiceManager/certificates/server", 200).names(); len(got) != 0 {
			t.Error(got)
		}
	}
}

func TestCertificatesNeedAdministrator(t *testing.T) {
	t.Parallel()
	for role, status := range map[Role]int{RoleUser: 403, RoleOperator: 403, RoleAdministrator: 200, RoleSecurity: 200} {
		s := start(t, Installation{Role: role, Deployments: []Deployment{certificates(time.Time{})}})
		for _, path := range []string{"", "/server", "/server/default"} {
			r := get(t, s, s.URL()+"/services/v2/deployments/west/certificates"+path, status)
			if status == 403 && (r.at("messages.0.code") != `"OGG-12062"` || strings.Contains(string(r.body), "PEM")) {
				t.Errorf("%s", r.body)
			}
		}
	}
	for _, release := range []Release{Release12c, Release19c} {
		s := start(t, Installation{Release: release, Role: RoleSecurity, Deployments: []Deployment{certificates(time.Time{})}})
		get(t, s, s.URL()+"/services/v2/deployments/west/certificates", 404)
	}
}

// text is a JSON string.
func text(t *testing.T, raw string) []byte {
	t.Helper()
	var s string
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		t.Fatal(raw, err)
	}
	return []byte(s)
}

// parsed is the certificate of a JSON string.
func parsed(t *testing.T, raw string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(text(t, raw))
	if block == nil {
		t.Fatal("no PEM:", raw)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDeploymentRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{})
	for name, d := range map[string]Deployment{
		"path's name":         {DistributionPaths: []DistributionPath{{Name: "1st"}}},
		"path's length":       {ReceiverPaths: []ReceiverPath{{Name: strings.Repeat("p", 33)}}},
		"path twice":          {ReceiverPaths: []ReceiverPath{{Name: "p"}, {Name: "p"}}},
		"certificate's type":  {Certificates: []Certificate{{Type: "ca", Name: "c"}}},
		"certificate's name":  {Certificates: []Certificate{{Type: "server"}}},
		"certificate twice":   {Certificates: []Certificate{{Type: "server", Name: "c"}, {Type: "server", Name: "c"}}},
		"connection's name":   {Connections: []Connection{{Name: "alias"}}},
		"connection twice":    {Connections: []Connection{{Name: "a.b"}, {Name: "a.b"}}},
		"connection no alias": {Connections: []Connection{{Name: "a."}}},
	} {
		d.Name = "west"
		if s.AddDeployment(d) == nil {
			t.Error(name, "is taken")
			s.RemoveDeployment("west")
		}
	}
}

// TestServedCertificate: the services of one deployment present the stored certificate, and those
// of others do not. A day before its end they restart with another, as they do again and again, so
// that who keeps connections sees it, too.
func TestServedCertificate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin, day := time.Now(), 24*time.Hour
		west := Deployment{Name: "west", Certificates: []Certificate{{Type: "server", Name: "default", NotAfter: begin.Add(20 * day), Served: true}}}
		s, c := onNetwork(t, Installation{TLS: true, Role: RoleAdministrator}, west, Deployment{Name: "east"})
		ends := func(deployment string) time.Duration {
			answer, err := c.Get(s.ServiceURL(deployment, "adminsrvr") + "/")
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			_, err = io.Copy(io.Discard, answer.Body)
			if err != nil {
				t.Error(err)
			}
			return answer.TLS.PeerCertificates[0].NotAfter.Sub(begin).Round(time.Hour)
		}
		for _, at := range []struct{ after, ends time.Duration }{
			{0, 20 * day}, {19*day - time.Hour, 20 * day}, {19*day + time.Hour, 39 * day}, {37 * day, 39 * day}, {39 * day, 58 * day}, {100 * day, 115 * day},
		} {
			time.Sleep(at.after - time.Since(begin))
			if got := ends("west"); got != at.ends {
				t.Errorf("after %s the certificate ends on day %s, not %s", at.after, got, at.ends)
			}
			if got := ends("east"); got < 300*day {
				t.Errorf("that of the other deployment ends on day %s", got)
			}
		}
		stored := s.find("west").certificate("server", "default")
		if got := parsed(t, strconv.Quote(stored.pem)).NotAfter.Sub(begin).Round(time.Hour); got != 115*day {
			t.Errorf("the stored certificate ends on day %s", got)
		}
	})
}

// TestServedNeedsTLS: what cannot be presented is an error.
func TestServedNeedsTLS(t *testing.T) {
	t.Parallel()
	for kind, tls := range map[string]bool{"server": false, "client": true, "truststore": true} {
		_, err := Start(Installation{TLS: tls, Deployments: []Deployment{{Name: "west", Certificates: []Certificate{{Type: kind, Name: "default", Served: true}}}}})
		if err == nil || !strings.Contains(err.Error(), "only one of a server, with TLS, is served") {
			t.Errorf("%s, TLS %v: %v", kind, tls, err)
		}
	}
}
