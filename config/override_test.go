package config

import (
	"reflect"
	"testing"

	promconfig "github.com/prometheus/common/config"
)

const base = `service_managers:
  - url: https://a
    basic_auth: {username: ogg, password: hunter2-base}
    tls_config: {server_name: base}
    proxy_url: http://proxy
    proxy_connect_header: {A: [hunter2-proxy]}
    http_headers: {X-Key: {secrets: [hunter2-header]}}
    follow_redirects: false
    enable_http2: true
    deployments:
      - name: x
`

func TestInherit(t *testing.T) {
	own := loadText(t, base, Options{}).ServiceManagers[0].HTTPClient
	for _, test := range []struct {
		name, keys string
		change     func(*promconfig.HTTPClientConfig)
	}{
		{"nothing set", "", func(*promconfig.HTTPClientConfig) {}},
		{"basic_auth", "basic_auth: {username: other, password: p}", func(c *promconfig.HTTPClientConfig) {
			c.BasicAuth = &promconfig.BasicAuth{Username: "other", Password: "p"}
		}},
		{"another authentication", "authorization: {credentials: c}", func(c *promconfig.HTTPClientConfig) {
			c.BasicAuth, c.Authorization = nil, &promconfig.Authorization{Type: "Bearer", Credentials: "c"}
		}},
		{"bearer_token", "bearer_token: c", func(c *promconfig.HTTPClientConfig) {
			c.BasicAuth, c.Authorization = nil, &promconfig.Authorization{Type: "Bearer", Credentials: "c"}
		}},
		{"oauth2", "oauth2: {client_id: i, token_url: 'https://l'}", func(c *promconfig.HTTPClientConfig) {
			c.BasicAuth, c.OAuth2 = nil, &promconfig.OAuth2{ClientID: "i", TokenURL: "https://l"}
		}},
		{"tls_config", "tls_config: {insecure_skip_verify: true}", func(c *promconfig.HTTPClientConfig) {
			c.TLSConfig = promconfig.TLSConfig{InsecureSkipVerify: true}
		}},
		{"proxy", "proxy_from_environment: true", func(c *promconfig.HTTPClientConfig) {
			c.ProxyConfig = promconfig.ProxyConfig{ProxyFromEnvironment: true}
		}},
		{"http_headers", "http_headers: {B: {values: [b]}}", func(c *promconfig.HTTPClientConfig) {
			c.HTTPHeaders = &promconfig.Headers{Headers: map[string]promconfig.Header{"B": {Values: []string{"b"}}}}
		}},
		{"follow_redirects", "follow_redirects: true", func(c *promconfig.HTTPClientConfig) { c.FollowRedirects = true }},
		{"enable_http2", "enable_http2: false", func(c *promconfig.HTTPClientConfig) { c.EnableHTTP2 = false }},
	} {
		t.Run(test.name, func(t *testing.T) {
			sm := loadText(t, base+"        "+test.keys+"\n", Options{}).ServiceManagers[0]
			want := cloneHTTPClient(own)
			test.change(&want)
			if got := sm.HTTPClientFor("x"); !reflect.DeepEqual(got, want) {
				t.Errorf("got:\n%v\nwant:\n%v", got, want)
			}
			if !reflect.DeepEqual(sm.HTTPClient, own) {
				t.Errorf("the Service Manager's own changed:\n%v", sm.HTTPClient)
			}
			if got := sm.HTTPClientFor("y"); !reflect.DeepEqual(got, own) {
				t.Errorf("a deployment without override got:\n%v", got)
			}
		})
	}
}

// TestNothingShared modifies everything that a clone points to.
func TestNothingShared(t *testing.T) {
	sm := loadText(t, base, Options{}).ServiceManagers[0]
	want := cloneHTTPClient(sm.HTTPClient)
	for _, c := range []promconfig.HTTPClientConfig{sm.Deployments[0].HTTPClient, sm.HTTPClientFor("y")} {
		c.BasicAuth.Password = "changed"
		c.ProxyURL.Host = "changed"
		c.ProxyConnectHeader["A"][0] = "changed"
		c.HTTPHeaders.Headers["X-Key"].Secrets[0] = "changed"
		c.HTTPHeaders.Headers["Y"] = promconfig.Header{}
	}
	if !reflect.DeepEqual(sm.HTTPClient, want) {
		t.Errorf("got:\n%v", sm.HTTPClient)
	}
}
