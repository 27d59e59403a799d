package collector_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestReleasesAgree holds the golden files of the releases against that of the
// newest: the same installation has to give the same samples, but for what a
// release does not tell.
func TestReleasesAgree(t *testing.T) {
	type difference struct {
		lines   string // regular expression
		because string
	}
	version := difference{`^ogg_deployment_info\{`, "each release has its own version"}
	plugin := difference{`microservice="pluginsrvr"`, "pluginsrvr came with 23.8"}
	locked := difference{`^(# (HELP|TYPE) )?ogg_service_locked\b`, "locked is told from 21c on"}
	expected := map[oggtest.Release][]difference{
		oggtest.Release12c: {
			version, plugin, locked,
			{`^ogg_deployment_status\{deployment="west",.*status="(abended|stopped)"`, "12.3 knows no abended deployment"},
			{`^ogg_api_.*microservice="ServiceManager"`, "12.3 lists deployments and services one by one"},
			{`^ogg_scrape_collector_.*collector="service",deployment="(east|west)"`, "the services of a stopped deployment are read too where each is listed by itself"},
		},
		oggtest.Release19c:  {version, plugin, locked},
		oggtest.Release21c:  {version, plugin},
		oggtest.Release23ai: {version},
	}
	newest := golden(t, oggtest.Release26ai)
	for release, differences := range expected {
		t.Run(string(release), func(t *testing.T) {
			met := make([]bool, len(differences))
			for line := range strings.Lines(diffLines(newest, golden(t, release))) {
				explained := false
				for i, d := range differences {
					if regexp.MustCompile(d.lines).MatchString(line[1:]) {
						met[i], explained = true, true
					}
				}
				if !explained {
					t.Errorf("unexplained difference from %s: %s", oggtest.Release26ai, line)
				}
			}
			for i, d := range differences {
				if !met[i] {
					t.Errorf("no difference because %s", d.because)
				}
			}
		})
	}
}

// golden returns the golden exposition of a release.
func golden(t *testing.T, release oggtest.Release) string {
	t.Helper()
	text, err := os.ReadFile("testdata/exposition/" + string(release) + ".prom")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
