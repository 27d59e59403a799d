package config

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// Hosts returns the names and addresses under which the Service Manager is known, in lower case and
// without ports: the host of its URL, and its aliases.
func (sm *ServiceManager) Hosts() []string {
	var hosts []string
	if sm.URL != nil {
		hosts = []string{canonicalHost(sm.URL.Hostname())}
	}
	for _, alias := range sm.Aliases {
		if !slices.Contains(hosts, alias) {
			hosts = append(hosts, alias)
		}
	}
	return hosts
}

// canonicalHost returns a host in the only form in which it is compared.
func canonicalHost(host string) string {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.WithZone("").Unmap().String()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// validateAliases checks and completes the other names of a host.
func (d *decoder) validateAliases(aliases []string, list string) {
	for i, alias := range aliases {
		path := index(list, i)
		if d.broken[path] || d.reported(path) || !d.spend(len(aliases)) {
			continue
		}
		aliases[i] = canonicalHost(alias)
		address, err := netip.ParseAddr(aliases[i])
		switch {
		case alias == "":
			d.add(path, "must not be empty")
		case err != nil && strings.ContainsFunc(alias, isNoHost):
			d.add(path, "must be a host name or address, without scheme, port, path or brackets")
		case err == nil && address.IsLoopback(), aliases[i] == "localhost":
			d.add(path, "must not be what every host calls itself")
		case slices.Contains(aliases[:i], aliases[i]):
			d.add(path, "is listed twice")
		}
	}
}

// isNoHost reports whether a character is in no name of a host.
func isNoHost(r rune) bool {
	return strings.ContainsRune(`/:@?#[]%\,;*`, r) || unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar
}
