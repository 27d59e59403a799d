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
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
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

// storedRequests returns the requests for the certificates of north, sorted.
func storedRequests(s *oggtest.Server) []string {
	var got []string
	for _, line := range asked(s, "ServiceManager", "ServiceManager") {
		if route, is := strings.CutPrefix(line, "GET "+certificates); is {
			got = append(got, route)
		}
	}
	return got
}

// TestCertificates checks the requests of each release, and their results, which stay for an hour
// without a request.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		s, sm := simulate(t, certified(release))
		clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		c := clockClient(t, sm, clock, "certificate")
		want := []string{"", "/client", "/client/dist", "/server", "/server/default", "/truststore", "/truststore/old.root", "/truststore/root"}
		end := []string{"client dist 2031", "server default 2032", "truststore old.root 2034", "truststore root 2033"}
		has := release != oggtest.Release12c && release != oggtest.Release19c
		if !has {
			want, end = want[:1], nil
		}
		for _, step := range []struct {
			after time.Duration
			reads bool
		}{{0, true}, {time.Minute, false}, {59*time.Minute - time.Second, false}, {time.Second, true}, {time.Second, false}} {
			clock.Advance(step.after)
			s.ResetRequests()
			inst := poll(t, c)
			got := storedRequests(s)
			if step.reads && !slices.Equal(got, want) || !step.reads && got != nil {
				t.Errorf("%s, %+v: asked %q, want %q", release, step, got, want)
			}
			if got := certificatesOf(t, inst); !slices.Equal(got, end) {
				t.Errorf("%s, %+v: got %q, want %q", release, step, got, end)
			}
			if reported := slices.ContainsFunc(deployment(t, inst, "north").Reads, isOf("certificate")); reported != has {
				t.Errorf("%s, %+v: a read is reported: %v", release, step, reported)
			}
		}
	}
}

// isOf reports whether a read is for the collector.
func isOf(collector string) func(ogg.Read) bool {
	return func(r ogg.Read) bool { return r.Collector == collector }
}

// TestCertificatesStay checks that what a failed read does not find stays as it was, that the
// failure is reported until the next read, and when that is; and that a certificate that is gone
// is gone with the next read that does not fail.
func TestCertificatesStay(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, certified(oggtest.Release26ai))
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	c := clockClient(t, sm, clock, "certificate")
	all := certificatesOf(t, poll(t, c))
	mendRoot := s.Fault(oggtest.Target{Path: certificates + "/truststore/root"}, oggtest.Fault{Status: http.StatusInternalServerError})
	s.Fault(oggtest.Target{Path: certificates + "/client"}, oggtest.Fault{Status: http.StatusNotFound})
	clock.Advance(time.Hour)
	var reads []int
	for m := range 17 {
		s.ResetRequests()
		inst := c.Poll(context.Background())
		if got := certificatesOf(t, inst); !slices.Equal(got, all) {
			t.Errorf("after %d minutes: got %q", m, got)
		}
		if read(t, inst, "north", "certificate").Err == nil {
			t.Errorf("after %d minutes: no failure", m)
		}
		if len(storedRequests(s)) > 0 {
			reads = append(reads, m)
		}
		clock.Advance(time.Minute)
	}
	if want := []int{0, 1, 3, 7, 15}; !slices.Equal(reads, want) {
		t.Errorf("read after %v minutes, want %v", reads, want)
	}
	mendRoot()
	clock.Advance(8 * time.Minute)
	if got := certificatesOf(t, poll(t, c)); !slices.Equal(got, all[1:]) {
		t.Errorf("then got %q, want %q", got, all[1:])
	}
}

// TestCertificatesAbandoned checks that a poll that was abandoned leaves the certificates due.
func TestCertificatesAbandoned(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, certified(oggtest.Release26ai))
		mend := s.Fault(oggtest.Target{Path: certificates + "/serve?"}, oggtest.Fault{Hang: true})
		c := newClient(t, sm, "certificate")
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		time.AfterFunc(time.Second, cancel)
		c.Poll(ctx)
		cancel()
		mend()
		if got := certificatesOf(t, poll(t, c)); len(got) != 4 {
			t.Errorf("got %q", got)
		}
	})
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
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	c := clockClient(t, sm, clock, "certificate")
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
	clock.Advance(time.Minute)
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
