package oci

import (
	"context"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Host returns the URL of the control plane that an entry means.
func Host(t *testing.T, c config.OCI) string {
	t.Helper()
	client, err := NewClient(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := client.newSession(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s.sdk.Host
}
