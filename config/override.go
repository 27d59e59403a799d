package config

import (
	"maps"
	"slices"

	promconfig "github.com/prometheus/common/config"
)

// inherit copies from the Service Manager what an override does not set. The authentication keys
// form a group, and so do the proxy keys: setting one replaces the whole group.
func inherit(c *promconfig.HTTPClientConfig, from promconfig.HTTPClientConfig, has func(string) bool) {
	from = cloneHTTPClient(from)
	if !slices.ContainsFunc(authKeys, has) {
		c.BasicAuth, c.Authorization, c.OAuth2 = from.BasicAuth, from.Authorization, from.OAuth2
		c.BearerToken, c.BearerTokenFile = from.BearerToken, from.BearerTokenFile
	}
	if !slices.ContainsFunc(proxyKeys, has) {
		c.ProxyConfig = from.ProxyConfig
	}
	if !has("tls_config") {
		c.TLSConfig = from.TLSConfig
	}
	if !has("http_headers") {
		c.HTTPHeaders = from.HTTPHeaders
	}
	if !has("follow_redirects") {
		c.FollowRedirects = from.FollowRedirects
	}
	if !has("enable_http2") {
		c.EnableHTTP2 = from.EnableHTTP2
	}
}

// cloneHTTPClient returns a copy that shares no mutable memory.
func cloneHTTPClient(c promconfig.HTTPClientConfig) promconfig.HTTPClientConfig {
	c.BasicAuth = clone(c.BasicAuth)
	c.Authorization = clone(c.Authorization)
	c.ProxyConfig = cloneProxy(c.ProxyConfig)
	if c.OAuth2 = clone(c.OAuth2); c.OAuth2 != nil {
		c.OAuth2.Claims = maps.Clone(c.OAuth2.Claims)
		c.OAuth2.Scopes = slices.Clone(c.OAuth2.Scopes)
		c.OAuth2.EndpointParams = maps.Clone(c.OAuth2.EndpointParams)
		c.OAuth2.ProxyConfig = cloneProxy(c.OAuth2.ProxyConfig)
	}
	if c.HTTPHeaders = clone(c.HTTPHeaders); c.HTTPHeaders != nil {
		headers := maps.Clone(c.HTTPHeaders.Headers)
		for name, h := range headers {
			headers[name] = promconfig.Header{
				Values:  slices.Clone(h.Values),
				Secrets: slices.Clone(h.Secrets),
				Files:   slices.Clone(h.Files),
			}
		}
		c.HTTPHeaders.Headers = headers
	}
	return c
}

// cloneProxy leaves out the function that promconfig caches at first use.
func cloneProxy(p promconfig.ProxyConfig) promconfig.ProxyConfig {
	p = promconfig.ProxyConfig{
		ProxyURL: p.ProxyURL, NoProxy: p.NoProxy,
		ProxyFromEnvironment: p.ProxyFromEnvironment, ProxyConnectHeader: p.ProxyConnectHeader,
	}
	if p.ProxyURL.URL != nil {
		p.ProxyURL.URL = new(*p.ProxyURL.URL)
	}
	p.ProxyConnectHeader = maps.Clone(p.ProxyConnectHeader)
	for name, values := range p.ProxyConnectHeader {
		p.ProxyConnectHeader[name] = slices.Clone(values)
	}
	return p
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
