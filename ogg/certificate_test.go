package ogg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

const certificates = "/services/v2/deployments/north/certificates"

// certified returns an installation with certificates, whose user is an Administrator.
func certified(release oggtest.Release) oggtest.Installation {
	return oggtest.Installation{
		Release: release, Role: oggtest.RoleAdministrator,
		Deployments: []oggtest.Deployment{{Name: "north", Certificates: []oggtest.Certificate{
			{Type: "client", Name: "dist", NotAfter: ends(1), PrivateKey: true},
			{Type: "server", Name: "default", NotAfter: ends(2), PrivateKey: true},
			{Type: "truststore", Name: "root", NotAfter: ends(3)},
			{Type: "truststore", Name: "old.root", NotAfter: ends(4)},
		}}},
	}
}

// ends is the last day of a year.
func ends(year int) time.Time { return time.Date(2030+year, time.December, 31, 0, 0, 0, 0, time.UTC) }

// certificatesOf returns "type name year" of the certificates of north, sorted.
func certificatesOf(t testing.TB, inst *ogg.Installation) []string {
	t.Helper()
	var all []string
	for _, c := range deployment(t, inst, "north").Certificates {
		all = append(all, fmt.Sprint(c.Type, " ", c.Name, " ", c.NotAfter.UTC().Year()))
	}
	slices.Sort(all)
	return all
}

// TestCertificates checks the requests of each release, and their results.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		s, sm := simulate(t, certified(release))
		c := newClient(t, sm, "certificate")
		poll(t, c)
		s.ResetRequests()
		inst := poll(t, c)
		var got []string
		for _, line := range asked(s, "ServiceManager", "ServiceManager") {
			if strings.Contains(line, "/certificates") && !strings.Contains(line, "/ServiceManager/") {
				got = append(got, strings.TrimPrefix(line, "GET "+certificates))
			}
		}
		want := []string{"", "/client", "/client/dist", "/server", "/server/default", "/truststore", "/truststore/old.root", "/truststore/root"}
		end := []string{"client dist 2031", "server default 2032", "truststore old.root 2034", "truststore root 2033"}
		if release == oggtest.Release12c || release == oggtest.Release19c {
			want, end = nil, nil // requested once, by the first poll
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: asked %q, want %q", release, got, want)
		}
		if got := certificatesOf(t, inst); !slices.Equal(got, end) {
			t.Errorf("%s: got %q, want %q", release, got, end)
		}
	}
}

// TestCertificateRole checks that a rejected user's error names the required role.
func TestCertificateRole(t *testing.T) {
	t.Parallel()
	i := certified(oggtest.Release26ai)
	i.Role = oggtest.RoleUser
	_, sm := simulate(t, i)
	inst := newClient(t, sm, "certificate").Poll(context.Background())
	var api *ogg.APIError
	err := read(t, inst, "north", "certificate").Err
	if !errors.As(err, &api) || api.StatusCode != http.StatusForbidden || !strings.Contains(err.Error(), "need the role Administrator") {
		t.Errorf("got %v", err)
	}
}

// TestCertificateFails checks that a certificate or type that cannot be read affects nothing
// else, and that a type without certificates is not a failure.
func TestCertificateFails(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, certified(oggtest.Release26ai))
	mendClient := s.Fault(oggtest.Target{Path: certificates + "/client"}, oggtest.Fault{Status: http.StatusNotFound})
	mendServer := s.Fault(oggtest.Target{Path: certificates + "/serve?"}, oggtest.Fault{Status: http.StatusInternalServerError})
	mendRoot := s.Fault(oggtest.Target{Path: certificates + "/truststore/root"}, oggtest.Fault{Truncated: true})
	c := newClient(t, sm, "certificate")
	inst := c.Poll(context.Background())
	err := read(t, inst, "north", "certificate").Err
	if err == nil || !strings.Contains(err.Error(), "1 of 2 certificates of type truststore: ") ||
		!strings.Contains(err.Error(), ": 500 ") || strings.Contains(err.Error(), ": 404 ") {
		t.Errorf("got %v", err)
	}
	if got := certificatesOf(t, inst); !slices.Equal(got, []string{"truststore old.root 2034"}) {
		t.Errorf("got %q", got)
	}
	mendClient()
	mendServer()
	mendRoot()
	if got := certificatesOf(t, poll(t, c)); len(got) != 4 {
		t.Errorf("then got %q", got)
	}
}

// TestCertificateKeys checks that whatever the answer looks like, no key, nor anything else
// from it, gets into an error, the log or the snapshot.
func TestCertificateKeys(t *testing.T) {
	t.Parallel()
	const secret = "c2VjcmV0LXByaXZhdGUta2V5"
	key := `-----BEGIN PRIVATE KEY-----\n` + secret + `\n-----END PRIVATE KEY-----\n`
	for name, body := range map[string]string{
		"malformed":        `{"response":{"certificateBundle":{"certificatePem":"-----BEGIN CERTIFICATE-----\n` + secret + `\n-----END CERTIFICATE-----\n","privateKeyPem":"` + key + `"}}}`,
		"key in its place": `{"response":{"certificateBundle":{"certificatePem":"` + key + `"}}}`,
		"key trusted":      `{"response":{"trustpointBundle":{"trustpointPem":["` + key + `"]}}}`,
		"wrong type":       `{"response":{"certificateBundle":{"certificatePem":{"` + secret + `":1},"privateKeyPem":"` + key + `"}}}`,
		"no bundle":        `{"response":{"privateKeyPem":"` + key + `"}}`,
		"bundle a string":  `{"response":{"certificateBundle":"` + key + `"}}`,
		"cut off":          `{"response":{"certificateBundle":{"privateKeyPem":"` + key,
		"no JSON":          key,
		"no response":      `{"privateKeyPem":"` + key + `"}`,
	} {
		s, sm := simulate(t, certified(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: certificates + "/*/*"}, oggtest.Fault{Body: body})
		var log bytes.Buffer
		c, err := ogg.NewClient(sm, ogg.Options{
			Collectors: []string{"certificate"}, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		if err != nil {
			t.Fatal(err)
		}
		inst := c.Poll(context.Background())
		c.Close()
		d := deployment(t, inst, "north")
		err = read(t, inst, "north", "certificate").Err
		if _, is := errors.AsType[*ogg.BodyError](err); !is {
			t.Errorf("%s: got %v", name, err)
		}
		for where, text := range map[string]string{"error": fmt.Sprint(err), "log": log.String(), "snapshot": fmt.Sprintf("%+v", d.Certificates)} {
			if strings.Contains(text, secret) || strings.Contains(text, "PRIVATE") {
				t.Errorf("%s: the %s has the key: %s", name, where, text)
			}
		}
		if len(d.Certificates) != 0 {
			t.Errorf("%s: %d certificates", name, len(d.Certificates))
		}
	}
}
