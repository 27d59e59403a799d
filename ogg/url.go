package ogg

import "github.com/ogg-exporter/ogg_exporter/config"

// serviceManagerURL returns where the Service Manager's API is.
func serviceManagerURL(c config.ServiceManager) string {
	if c.ReverseProxy {
		return baseURL(c.URL.Scheme, c.URL.Host, "ServiceManager/")
	}
	return baseURL(c.URL.Scheme, c.URL.Host, "")
}

// baseURL returns the part of a URL that all routes of a service share; prefix is the
// escaped path by which a reverse proxy knows the service.
func baseURL(scheme, host, prefix string) string {
	return scheme + "://" + host + "/services/" + prefix + "v2"
}
