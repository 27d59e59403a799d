package config

import (
	"maps"
	"strings"
	"testing"
)

func TestLabels(t *testing.T) {
	c := loadText(t, `service_managers:
  - &base
    url: https://a
    labels: &labels
      site: berlin
      shard: 03
      active: yes
      instance: prod
      job: goldengate
      __meta_rack: 'r 1'
      __tmp_shard: ${SHARD}
      __params: none
  - {url: 'https://b', labels: {<<: *labels, site: bonn}}
  - {url: 'https://c', labels: {}}
  - {url: 'https://d', labels: }
`, Options{ExpandEnv: true, LookupEnv: lookup(map[string]string{"SHARD": "007"})})
	want := map[string]string{
		"site": "berlin", "shard": "03", "active": "yes", "instance": "prod", "job": "goldengate",
		"__meta_rack": "r 1", "__tmp_shard": "007", "__params": "none",
	}
	if got := c.ServiceManagers[0].Labels; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	want["site"] = "bonn"
	if got := c.ServiceManagers[1].Labels; !maps.Equal(got, want) {
		t.Errorf("merged: got %v, want %v", got, want)
	}
	for _, sm := range c.ServiceManagers[2:] {
		if sm.Labels != nil {
			t.Errorf("no labels: %v", sm.Labels)
		}
	}
}

// TestLabelsAreNotKeys uses labels with the names of schema keys, which have rules of their own.
func TestLabelsAreNotKeys(t *testing.T) {
	c := loadText(t, `service_managers:
  - url: https://a
    labels: {url: y, password_file: nowhere, password_ref: z, username: u, labels: l}
`, Options{})
	want := map[string]string{"url": "y", "password_file": "nowhere", "password_ref": "z", "username": "u", "labels": "l"}
	if got := c.ServiceManagers[0].Labels; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	c = loadText(t, "service_managers:\n  - {url: 'https://a', http_headers: {labels: {values: ['']}}}\n", Options{})
	if values := c.ServiceManagers[0].HTTPClient.HTTPHeaders.Headers["labels"].Values; len(values) != 1 {
		t.Errorf("a header named labels: %q", values)
	}
}

func TestLabelsFromEnvironment(t *testing.T) {
	const text = "service_managers:\n  - {url: 'https://a', labels: {site: '${SITE}'}}\n"
	for value, want := range map[string]string{
		"a\xff": "must be valid UTF-8", "a\nb": "must not contain control characters", "": "must not be empty",
	} {
		o := Options{ExpandEnv: true, LookupEnv: lookup(map[string]string{"SITE": value})}
		_, err := Load(write(t, t.TempDir(), "ogg.yml", text), o)
		if err == nil || !strings.HasSuffix(err.Error(), "ogg.yml:2: service_managers[0].labels.site: "+want) {
			t.Errorf("%q: got %v", value, err)
		}
	}
}
