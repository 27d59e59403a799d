package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestFIPS checks that under GODEBUG=fips140=only the exporter and its demo go on: SHA-256 is
// used for digest authentication, and a service that offers only MD5 is one clear error.
func TestFIPS(t *testing.T) {
	exporter := buildExporter(t)
	t.Setenv("GODEBUG", "fips140=only")
	var elements []any
	for name, algorithms := range map[string][]string{"md5": {"MD5"}, "sha256": {"MD5", "SHA-256"}} {
		i := oggtest.Demo()[0]
		i.Auth, i.DigestAlgorithms = oggtest.AuthDigest, algorithms
		s, err := oggtest.Start(i)
		must(t, err)
		defer s.Close()
		elements = append(elements, elementOf(name, s))
	}
	file := write(t, "config.yml", asYAML(t, map[string]any{"service_managers": elements}))
	checkUnderFIPS(t, startListening(t, exporter, "--config.file="+file), `sha256"} 1`, `md5"} 0`)
	checkUnderFIPS(t, startListening(t, exporter, "--demo"), `emea"} 1`, `apac"} 1`, `cloud/sales"} 1`)
}

// checkUnderFIPS checks which Service Managers are up, and that the log says why one is not.
func checkUnderFIPS(t *testing.T, p *process, up ...string) {
	t.Helper()
	until(t, func() error {
		text, err := fetch(p.url + "/metrics")
		for _, line := range up {
			if !strings.Contains(text, `ogg_up{service_manager="`+line) {
				err = errors.Join(err, errors.New("no ogg_up of "+line))
			}
		}
		return err
	})
	if strings.Contains(strings.Join(up, ""), "md5") {
		p.says(t, `(service_manager=md5 .*the service offers only digest authentication with MD5, which GODEBUG=fips140=only forbids)`)
	}
	if log := p.log.String(); strings.Contains(log, "panic") {
		t.Errorf("the log:\n%s", log)
	}
}
