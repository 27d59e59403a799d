package config

import (
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/secret"
)

var (
	// pemKeys and pemFiles hold PEM: lines of text.
	pemKeys  = []string{"ca", "cert", "key", "client_certificate_key"}
	pemFiles = []string{"ca_file", "cert_file", "key_file", "client_certificate_key_file"}
	// sentText are the strings besides secrets that are sent as they are.
	sentText = []string{"username", "client_id"}
)

// isInHeader reports whether a field is in the list of that name of an HTTP header.
func isInHeader(path, list string) bool {
	_, key := cutLast(path)
	return strings.HasPrefix(key, list+"[") && strings.Contains(path, "http_headers.")
}

// cleanText returns a text without what does not belong to it, if it is a secret or is sent as it
// is, and records why it cannot be sent.
func (f *findings) cleanText(s, path string, isSecret bool) string {
	key := schemaKey(path)
	switch {
	case slices.Contains(pemKeys, key):
		return secret.Trim(s)
	case isSecret || slices.Contains(sentText, key) || isInHeader(path, "values"):
		return f.clean(s, path, "")
	default:
		return s
	}
}

// clean returns a text as it is sent, and records why it cannot be; what says where it was found.
func (f *findings) clean(s, path, where string) string {
	clean := secret.Clean
	if parent, key := cutLast(path); strings.TrimSuffix(key, "_file") == "username" && strings.HasSuffix(parent, "basic_auth") {
		clean = secret.CleanUser
	}
	s, err := clean(s)
	if err != nil {
		f.add(path, "%s%s", where, err)
	}
	return s
}

// checkContent checks the text of a file that is not empty. The files of tls_config are read by
// Prometheus's client, which does not take a byte order mark.
func (f *findings) checkContent(text, path string) {
	parent, key := cutLast(path)
	switch isPEM := slices.Contains(pemFiles, key); {
	case !isPEM && key != "config_file":
		f.clean(text, path, "file ")
	case secret.IsUTF16(text):
		f.add(path, "file %s", secret.ErrUTF16)
	case strings.HasSuffix(parent, "tls_config") && secret.HasMark(text):
		f.add(path, "file starts with a byte order mark; save it without one")
	}
}
