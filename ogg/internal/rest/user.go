package rest

import (
	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/secret"
)

// User returns the name of the user of a login, or of its OAuth 2.0 client, as last read; empty if it has
// none, or if its file cannot be read.
func (p *Pool) User(c promconfig.HTTPClientConfig) string {
	switch {
	case c.OAuth2 != nil:
		return c.OAuth2.ClientID
	case c.BasicAuth == nil:
		return ""
	case c.BasicAuth.UsernameFile == "":
		return c.BasicAuth.Username
	}
	name, err := secret.CleanUser(p.files.of(c.BasicAuth.UsernameFile).content(nil, fileAtOnce).text)
	if err != nil {
		return ""
	}
	return name
}
