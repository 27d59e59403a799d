package oci

import (
	"context"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Host returns the URL of the control plane for a configuration.
func Host(t *testing.T, c config.OCI) string {
	t.Helper()
	return sessionOf(t, c).sdk.Host
}

// ScrapeHosts returns the hosts to which the credentials of scrape may go for a configuration.
func ScrapeHosts(t *testing.T, c config.OCI) config.Pattern {
	t.Helper()
	return sessionOf(t, c).hosts
}

func sessionOf(t *testing.T, c config.OCI) *session {
	t.Helper()
	client, err := NewClient(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := client.newSession(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
