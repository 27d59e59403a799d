package config

import (
	"net/http"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// jwtGrant is the OAuth 2.0 grant type that signs with a key instead of sending a secret.
const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

var (
	authKeys  = []string{"basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file"}
	proxyKeys = []string{"proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header"}
)

// validateHTTPClient applies the rules of promconfig's Validate, which stops at the first mistake
// and names no field, and some more.
func (d *decoder) validateHTTPClient(c *promconfig.HTTPClientConfig, path string) {
	d.exclusive(path, authKeys...)
	if at := join(path, "basic_auth"); c.BasicAuth != nil {
		d.needsOne(at, "username", "username_file")
		d.needsOne(at, "password", "password_file")
	}
	if at := join(path, "authorization"); c.Authorization != nil {
		d.needsOne(at, "credentials", "credentials_file")
		if strings.EqualFold(strings.TrimSpace(c.Authorization.Type), "basic") {
			d.add(join(at, "type"), "must not be basic; use basic_auth")
		}
	}
	if at := join(path, "oauth2"); c.OAuth2 != nil {
		d.validateOAuth2(c.OAuth2, at)
	}
	d.validateTLS(&c.TLSConfig, join(path, "tls_config"))
	d.validateProxy(&c.ProxyConfig, path)
	if c.HTTPHeaders != nil {
		d.validateHeaders(c.HTTPHeaders, join(path, "http_headers"))
	}
}

// complete normalizes a configuration without findings for promconfig's client, and runs
// promconfig's own validation.
func (d *decoder) complete(c *promconfig.HTTPClientConfig, path string) {
	if len(d.list) > 0 {
		return
	}
	errs := []error{c.Validate(), c.TLSConfig.Validate()}
	if o := c.OAuth2; o != nil {
		errs = append(errs, o.TLSConfig.Validate(), o.Validate())
	}
	for _, err := range errs {
		if err != nil {
			d.add(path, "%s", err)
		}
	}
}

func (d *decoder) validateOAuth2(o *promconfig.OAuth2, path string) {
	for _, key := range []string{"client_id", "token_url"} {
		if !d.has(join(path, key)) {
			d.add(join(path, key), "is missing")
		}
	}
	if at := join(path, "token_url"); o.TokenURL != "" {
		if u := d.checkURL(o.TokenURL, at, "http", "https"); u != nil && u.User != nil {
			d.add(at, "must not contain credentials")
		}
	}
	d.exclusive(path, "client_secret", "client_secret_file")
	d.exclusive(path, "client_certificate_key", "client_certificate_key_file")
	switch o.GrantType {
	case jwtGrant:
		d.needsOne(path, "client_certificate_key", "client_certificate_key_file")
	case "", "client_credentials":
	default:
		d.add(join(path, "grant_type"), "must be client_credentials or %s", jwtGrant)
	}
	if a := o.SignatureAlgorithm; a != "" && !slices.Contains([]string{"RS256", "RS384", "RS512"}, a) {
		d.add(join(path, "signature_algorithm"), "must be RS256, RS384 or RS512")
	}
	d.validateTLS(&o.TLSConfig, join(path, "tls_config"))
	d.validateProxy(&o.ProxyConfig, path)
}

func (d *decoder) validateProxy(p *promconfig.ProxyConfig, path string) {
	if p.ProxyFromEnvironment {
		d.exclusive(path, "proxy_from_environment", "proxy_url")
		d.exclusive(path, "proxy_from_environment", "no_proxy")
		return
	}
	for _, key := range []string{"no_proxy", "proxy_connect_header"} {
		if d.has(join(path, key)) && !d.has(join(path, "proxy_url")) {
			d.add(join(path, key), "needs proxy_url")
		}
	}
}

func (d *decoder) validateHeaders(h *promconfig.Headers, path string) {
	for name := range h.Headers {
		at := join(path, name)
		if !validHeaderName(name) {
			d.add(at, "is not a valid HTTP header name")
		}
		if _, reserved := promconfig.ReservedHeaders[http.CanonicalHeaderKey(name)]; reserved {
			d.add(at, "this header cannot be set here")
		}
	}
}

// validHeaderName reports whether a name is a token as defined in RFC 9110.
func validHeaderName(name string) bool {
	const allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && strings.Trim(name, allowed) == ""
}

// exclusive checks that at most one of the keys is set.
func (d *decoder) exclusive(path string, keys ...string) {
	first := ""
	for _, key := range keys {
		switch {
		case !d.has(join(path, key)):
		case first == "":
			first = key
		default:
			d.add(join(path, key), "must not be set together with %s", d.sibling(path, first))
		}
	}
}

// needsOne checks that exactly one of two keys is set.
func (d *decoder) needsOne(path, key, other string) {
	d.exclusive(path, key, other)
	if !slices.ContainsFunc([]string{key, other, key + "_ref"}, func(k string) bool { return d.has(join(path, k)) }) {
		d.add(join(path, key), "is missing%s", d.alternative(path, other))
	}
}
