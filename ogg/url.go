package ogg

import "github.com/ogg-exporter/ogg_exporter/config"

// serviceManagerURL returns where the Service Manager's API is.
func serviceManagerURL(c config.ServiceManager) string {
	if c.ReverseProxy {
		return baseURL(c, "ServiceManager/")
	}
	return baseURL(c, "")
}

// baseURL returns the part of a URL that all routes of a service share; prefix is the
// escaped path by which a reverse proxy knows the service.
func baseURL(c config.ServiceManager, prefix string) string {
	return c.URL.String() + "/services/" + prefix + c.APIVersion
}
