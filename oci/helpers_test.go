package oci_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

const userAgent = "ogg_exporter/test"

// start starts a simulation, and returns it with an entry that reads it.
func start(t testing.TB, p ocitest.ControlPlane) (*ocitest.Server, config.OCI) {
	t.Helper()
	p.Listener = bubble.Listen(t)
	s, err := ocitest.Start(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	file, err := s.WriteConfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := config.OCI{
		Name: "emea", Auth: config.OCIAuthConfigFile, ConfigFile: file, Profile: "DEFAULT",
		Endpoint: endpoint, CompartmentIDs: []string{ocitest.Compartment},
		RefreshInterval: time.Minute, Timeout: bubble.Timeout(t, 10*time.Second),
	}
	c.TLSConfig.CA = string(s.CACertificate())
	return s, c
}

// newClient returns a client for the entry, and what it logs.
func newClient(t testing.TB, c config.OCI) (*oci.Client, *log) {
	t.Helper()
	l := &log{}
	client, err := oci.NewClient(c, oci.Options{UserAgent: userAgent, Dial: bubble.Dialer(t), Logger: slog.New(slog.NewTextHandler(l, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client, l
}

// refresh starts a simulation and refreshes once.
func refresh(t testing.TB, p ocitest.ControlPlane) *oci.Inventory {
	t.Helper()
	_, c := start(t, p)
	client, _ := newClient(t, c)
	return client.Refresh(context.Background())
}

// log is what a client logs.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// take returns the lines since it was last called.
func (l *log) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return strings.Split(strings.TrimSuffix(l.text.String(), "\n"), "\n")
}

// errorsOf returns the errors of the parts that failed.
func errorsOf(i *oci.Inventory) map[string]string {
	failed := map[string]string{}
	for _, r := range i.Reads {
		if r.Err != nil {
			failed[r.Part] = r.Err.Error()
		}
	}
	return failed
}

// labels returns the labels of the deployments.
func labels(i *oci.Inventory) []string {
	var all []string
	for _, d := range i.Deployments {
		all = append(all, d.Label)
	}
	return all
}

// login is how deployments are read, where that matters.
func login() *config.ServiceManager {
	client := promconfig.DefaultHTTPClientConfig
	client.BasicAuth = &promconfig.BasicAuth{Username: "oggadmin", Password: "hunter2-scrape"}
	return &config.ServiceManager{Timeout: time.Second, MaxConcurrentRequests: 8, HTTPClient: client, Labels: map[string]string{"site": "cloud"}}
}
