package e2e

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// testTwice: two jobs, of which one scrapes the status and lag and the other one the rest, have all
// metrics together, none of them in both, and read nothing twice except the lists of deployments,
// services, and what Performance Metrics knows.
func (f *fleet) testTwice(t *testing.T) {
	t.Parallel()
	gg, err := oggtest.Start(oggtest.Installation{Deployments: []oggtest.Deployment{{
		Name:              "north",
		Processes:         []oggtest.Process{{Name: "EXT1", Critical: true}, {Name: "REP1", Type: oggtest.Replicat}},
		DistributionPaths: []oggtest.DistributionPath{{Name: "PATH1", Extract: "EXT1"}},
		ReceiverPaths:     []oggtest.ReceiverPath{{Name: "PATH2"}},
	}}})
	must(t, err)
	t.Cleanup(gg.Close)
	file := write(t, "ogg_exporter.yml", "service_managers: ["+asYAML(t, elementOf("gg", gg))+"]")
	exporter := startListening(t, f.exporter, "--config.file="+file)
	s := f.startPrometheus(t, exporter, scrapeTwice)
	var urls []string
	until(t, func() error {
		urls, err = s.expectComplementary(exporter.url + "/metrics")
		return err
	})
	s.checkNothingLost(t)
	// Those that Prometheus scrapes may still be reading for it.
	must(t, exporter.cmd.Process.Kill())
	<-exporter.ended
	another := startListening(t, f.exporter, "--config.file="+file)
	for i, url := range urls {
		urls[i] = strings.Replace(url, exporter.url, another.url, 1)
	}
	for range 2 { // it learns
		for _, url := range append(urls, another.url+"/metrics") {
			_, err := fetch(url)
			must(t, err)
		}
	}
	checkReads(t, gg, another.url+"/metrics", urls)
}

// expectComplementary checks that both jobs are up, and that they have the metrics of a scrape of
// everything between them. It returns what they scrape.
func (s prometheusServer) expectComplementary(everything string) ([]string, error) {
	var urls []string
	found := map[string]string{} // the job by the series without it
	for _, job := range []string{"ogg", "ogg_performance"} {
		targets, err := s.targets(job)
		if err != nil || len(targets) != 1 || targets[0].Health != "up" {
			return nil, errors.Join(fmt.Errorf("the targets of %s: %+v", job, targets), err)
		}
		urls = append(urls, targets[0].ScrapeURL)
		samples, err := s.query(`{job="` + job + `",__name__!~"up|scrape_.+"}`)
		if err != nil {
			return nil, err
		}
		for _, one := range samples {
			name := one.labels["__name__"]
			delete(one.labels, "job")
			isOfBoth := one.labels["collector"] == "deployment" || one.labels["collector"] == "service" // the lists
			if other, twice := found[fmt.Sprint(one.labels)]; twice && !isOfBoth {
				return nil, fmt.Errorf("%s is in %s and %s: %v", name, other, job, one.labels)
			}
			found[fmt.Sprint(one.labels)], found[name] = job, job
		}
	}
	text, err := fetch(everything)
	if err != nil {
		return nil, err
	}
	for _, sample := range regexp.MustCompile(`(?m)^[a-z_]+`).FindAllString(text, -1) {
		if found[sample] == "" {
			return nil, fmt.Errorf("neither job has %s", sample)
		}
	}
	return urls, nil
}

// checkReads checks that the URLs, scraped one after the other, cause the requests of a scrape of
// everything, and only those for those lists twice.
func checkReads(t *testing.T, gg *oggtest.Server, everything string, urls []string) {
	t.Helper()
	requests := func(url string) map[string]int {
		gg.ResetRequests()
		_, err := fetch(url)
		must(t, err)
		sent := map[string]int{}
		for _, r := range gg.Requests() {
			sent[r.Deployment+"/"+r.Service+r.Path]++
		}
		return sent
	}
	want, got := requests(everything), map[string]int{}
	for _, url := range urls {
		for what, n := range requests(url) {
			got[what] += n
		}
	}
	for what := range want {
		if strings.HasPrefix(what, "ServiceManager/ServiceManager/services/v2/installation/") || strings.HasSuffix(what, "/pmsrvr/services/v2/mpoints/processes") {
			want[what]++
		}
	}
	if len(want) < 20 || !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		for what, n := range got {
			if want[what] != n {
				t.Errorf("%s: %d requests, want %d", what, n, want[what])
			}
		}
	}
}
