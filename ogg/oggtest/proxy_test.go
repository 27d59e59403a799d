package oggtest

import (
	"net/http"
	"strings"
	"testing"
)

func TestRouting(t *testing.T) {
	t.Parallel()
	east := Deployment{Name: "east", Processes: []Process{{Name: "EEAST"}}}
	one := start(t, Installation{ReverseProxy: true, Deployments: []Deployment{west()}})
	two := start(t, Installation{ReverseProxy: true, Deployments: []Deployment{west(), east}})
	for _, c := range []struct {
		path     string
		one, two string // deployment/service status
	}{
		{"/services", "ServiceManager/ServiceManager 200", "ServiceManager/ServiceManager 200"},
		{"/services/v2/config/summary", "ServiceManager/ServiceManager 200", "ServiceManager/ServiceManager 200"},
		{"/services/ServiceManager/v2/deployments", "ServiceManager/ServiceManager 200", "ServiceManager/ServiceManager 200"},
		{"/services/v2/extracts", "west/adminsrvr 200", "ServiceManager/ServiceManager 404"},
		{"/services/v2/replicats/RWEST/info/status", "west/adminsrvr 200", "ServiceManager/ServiceManager 404"},
		{"/services/v2/trails", "ServiceManager/ServiceManager 404", "ServiceManager/ServiceManager 404"},
		{"/services/west/adminsrvr/v2/trails", "west/adminsrvr 200", "west/adminsrvr 200"},
		{"/services/v2/sources", "west/distsrvr 200", "ServiceManager/ServiceManager 404"},
		{"/services/v2/targets", "west/recvsrvr 200", "ServiceManager/ServiceManager 404"},
		{"/services/v2/mpoints/processes", "west/pmsrvr 200", "ServiceManager/ServiceManager 404"},
		{"/services/adminsrvr/v2/extracts", "west/adminsrvr 200", "ServiceManager/ServiceManager 404"},
		{"/services/west/adminsrvr/v2/extracts", "west/adminsrvr 200", "west/adminsrvr 200"},
		{"/services/east/adminsrvr/v2/extracts/EEAST", "ServiceManager/ServiceManager 404", "east/adminsrvr 200"},
		{"/services/west/pmsrvr/v2/config/health", "west/pmsrvr 200", "west/pmsrvr 200"},
	} {
		for s, want := range map[*Server]string{one: c.one, two: c.two} {
			s.ResetRequests()
			r, err := ask(s, s.URL()+c.path)
			if err != nil {
				t.Fatal(err)
			}
			log := s.Requests()[0]
			if got := log.Deployment + "/" + log.Service + " " + r.Status[:3]; got != want {
				t.Errorf("%s: %s, want %s", c.path, got, want)
			}
			if r.Header["X-Ogg-Proxy-Version"][0] != "v1" {
				t.Error(r.Header)
			}
			if r.StatusCode == http.StatusNotFound && r.at("messages.0.code") != `"OGG-12031"` {
				t.Errorf("%s: %s", c.path, r.body)
			}
		}
	}
}

func TestFront(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Release: Release19c, ReverseProxy: true, TLS: true, Deployments: []Deployment{west()}})
	if r := get(t, s, s.URL()+"/", 302); r.Header.Get("Location") != "/services/v2/content/index.html" {
		t.Error(r.Header)
	}
	get(t, s, s.URL()+"/favicon.ico", 404)
	plain := strings.Replace(s.URL(), "https", "http", 1)
	if r := get(t, s, plain+"/services?x=1", 307); r.Header.Get("Location") != s.URL()+"/services?x=1" {
		t.Error(r.Header)
	}
	r := get(t, s, s.ServiceURL("west", "adminsrvr")+"/extracts", 200, func(r *http.Request) { r.Host = "gg.example:8443" })
	const outside = `"https://gg.example:8443/services/west/adminsrvr/v2/`
	for at, want := range map[string]string{
		"links.1.href":                  outside + `extracts"`,
		"links.2.href":                  outside + `metadata-catalog/extracts"`,
		"response.items.0.links.1.href": outside + `extracts/EWEST"`,
	} {
		if got := r.at(at); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	r = get(t, s, s.URL()+"/services/v2/installation/services?service=adminsrvr", 200)
	if r.at("response.services.0.isSsl") != "false" || r.at("response.services.0.listeners.0.port") != "9012" {
		t.Errorf("%s", r.body)
	}
	s.SetServiceStatus("west", "adminsrvr", "stopped")
	down := get(t, s, s.ServiceURL("west", "adminsrvr")+"/extracts", 502)
	if down.Header.Get("Content-Type") != "text/html" || !strings.Contains(string(down.body), "502 Bad Gateway") {
		t.Errorf("%s", down.body)
	}
}

// TestWithoutServiceManager: the front finds the services of the deployment and nothing else.
func TestWithoutServiceManager(t *testing.T) {
	t.Parallel()
	managed := west()
	managed.Services = []Service{{Name: "adminsrvr"}, {Name: "distsrvr"}}
	s := start(t, Installation{ReverseProxy: true, WithoutServiceManager: true, Deployments: []Deployment{managed}})
	for path, status := range map[string]int{
		"/services/adminsrvr/v2/config/health":                        200,
		"/services/adminsrvr/v2/trails":                               200,
		"/services/distsrvr/v2/config/health/check":                   200,
		"/services/west/adminsrvr/v2/extracts":                        200,
		"/services/v2/extracts":                                       200,
		"/services/pmsrvr/v2/config/health":                           404,
		"/services/v2/config/health":                                  404,
		"/services/ServiceManager/v2/installation/services":           404,
		"/services/ServiceManager/v2/deployments/west":                404,
		"/services/v2/deployments":                                    404,
		"/services/ServiceManager/v2/config/health/check":             404,
		"/services/adminsrvr/v2/no/such/route":                        404,
		"/services/adminsrvr/v2/config/health?with=a&query=of&no=use": 200,
	} {
		r := get(t, s, s.URL()+path, status)
		if strings.Contains(path, "ServiceManager") && !strings.Contains(string(r.body), "<title>404 Not Found</title>") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	s.SetFront(false)
	if _, err := ask(s, s.URL()+"/services/v2/extracts"); err == nil {
		t.Error("the front answers without being there")
	}
	s.SetFront(true)
	get(t, s, s.URL()+"/services/v2/extracts", 200)
	for _, i := range []Installation{
		{WithoutServiceManager: true, Deployments: []Deployment{west()}},
		{WithoutServiceManager: true, ReverseProxy: true},
		{WithoutServiceManager: true, ReverseProxy: true, Deployments: []Deployment{west(), {Name: "east"}}},
	} {
		if s, err := Start(i); err == nil {
			s.Close()
			t.Errorf("%+v is taken", i)
		}
	}
}
