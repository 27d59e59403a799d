package ogg

import "github.com/ogg-exporter/ogg_exporter/config"

// serviceManagerURL returns the URL of the Service Manager's API.
func serviceManagerURL(c config.ServiceManager) string {
	if c.ReverseProxy {
		return baseURL(c, "ServiceManager/")
	}
	return baseURL(c, "")
}

// baseURL returns the URL that precedes all routes of a service; prefix is its escaped path
// behind a reverse proxy.
func baseURL(c config.ServiceManager, prefix string) string {
	return c.URL.String() + "/services/" + prefix + c.APIVersion
}
