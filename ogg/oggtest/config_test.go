package oggtest_test

import (
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestConfig: the configuration of a simulation has its address, user and CA.
func TestConfig(t *testing.T) {
	s, err := oggtest.Start(oggtest.Installation{TLS: true, ReverseProxy: true, User: "monitor", Password: "monitor-Pw1"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sm := s.Config("gg")
	if sm.Name != "gg" || sm.URL.String() != s.URL() || !sm.ReverseProxy {
		t.Errorf("got %s at %s, reverse proxy: %t", sm.Name, sm.URL, sm.ReverseProxy)
	}
	login := sm.HTTPClient.BasicAuth
	if login.Username != "monitor" || login.Password != "monitor-Pw1" || sm.HTTPClient.TLSConfig.CA != string(s.CACertificate()) {
		t.Errorf("the login is of %s, with the CA %s", login.Username, sm.HTTPClient.TLSConfig.CA)
	}
}
