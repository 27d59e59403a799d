package ogg

import "github.com/ogg-exporter/ogg_exporter/config"

// serviceManagerURL returns the URL of the Service Manager's API.
func serviceManagerURL(c config.ServiceManager) string {
	if c.ReverseProxy {
		return baseURL(c.URL.Scheme, c.URL.Host, "ServiceManager/")
	}
	return baseURL(c.URL.Scheme, c.URL.Host, "")
}

// baseURL returns the URL that precedes all routes of a service; prefix is its escaped path
// behind a reverse proxy.
func baseURL(scheme, host, prefix string) string {
	return scheme + "://" + host + "/services/" + prefix + "v2"
}
