package config

import (
	"net/netip"
	"strings"
	"unicode"
)

// canonicalHost returns a host in the only form in which it is compared.
func canonicalHost(host string) string {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.WithZone("").Unmap().String()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// isNoHost reports whether a character is in no name of a host.
func isNoHost(r rune) bool {
	return strings.ContainsRune(`/:@?#[]%\,;*`, r) || unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar
}
