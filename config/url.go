package config

import (
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// setURL sets the URL of a Service Manager or control plane. No message quotes it: it may contain a
// password.
func (d *decoder) setURL(s string, v reflect.Value, path string) {
	u := d.checkURL(s, path, "http", "https")
	if u == nil {
		return
	}
	if u.RawQuery != "" || u.ForceQuery {
		d.add(path, "must not have a query")
	}
	if u.Fragment != "" {
		d.add(path, "must not have a fragment")
	}
	switch parent, key := cutLast(path); {
	case u.User == nil:
	case key == "url":
		d.add(path, "must not contain credentials; use %s", d.sibling(parent, "basic_auth"))
	default:
		d.add(path, "must not contain credentials")
	}
	base := &url.URL{Scheme: u.Scheme, Host: strings.TrimSuffix(u.Host, ":")}
	if below := strings.TrimRight(u.JoinPath().EscapedPath(), "/"); below != "" {
		base = base.JoinPath(below)
	}
	v.Set(reflect.ValueOf(base))
}

// validatePath checks the path of the URL of a Service Manager.
func (d *decoder) validatePath(u *url.URL, reverseProxy bool, path string) {
	switch {
	case slices.Contains(strings.Split(u.Path, "/"), "services"):
		d.add(path, "must end before /services, which is added")
	case u.Path != "" && !reverseProxy:
		d.add(path, "must not have a path, unless reverse_proxy is true: otherwise each service has a port of its own")
	}
}

// withoutZone returns the address of a URL whose host is an IPv6 address with a zone; "" for any
// other host.
func withoutZone(u *url.URL) string {
	address, err := netip.ParseAddr(u.Hostname())
	if err != nil || address.Zone() == "" {
		return ""
	}
	return address.WithZone("").String()
}

// setProxyURL sets the URL of a proxy, which may contain credentials.
func (d *decoder) setProxyURL(s string, v reflect.Value, path string) {
	if u := d.checkURL(s, path, "http", "https", "socks5", "socks5h"); u != nil {
		v.FieldByName("URL").Set(reflect.ValueOf(u))
	}
}

// checkURL returns a URL that has one of the schemes and a host; nil after a finding.
func (d *decoder) checkURL(s, path string, schemes ...string) *url.URL {
	u, err := url.Parse(s)
	switch {
	case s == "":
		d.add(path, "must not be empty")
	case err == nil && u.Scheme != "" && !slices.Contains(schemes, u.Scheme) || !strings.Contains(s, "://"):
		d.add(path, "must start with %s://", strings.Join(schemes, ":// or "))
	case err != nil && strings.Contains(s, "://[") && strings.Contains(s, "%"):
		d.add(path, "must have %%25 before the zone of an IPv6 address, as in http://[fe80::1%%25eth0]:9011")
	case err != nil:
		d.add(path, "is not a URL such as https://host:port")
	case u.Hostname() == "":
		d.add(path, "must have a host")
	case !validPort(u.Port()):
		d.add(path, "must have a port from 1 to 65535, or none")
	default:
		return u
	}
	return nil
}

func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return port == "" || err == nil && n >= 1 && n <= 65535
}

// hostPort returns the default name of a Service Manager.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
