package ogg

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// PathEnd is where a path reads or writes, as its URI says, without the user and password that may be
// in it. What the URI does not say is empty.
type PathEnd struct {
	// Host is a name or address, in lower case: that of the service, or of a reverse proxy in front.
	Host, Port string
	// Deployment is in the URI of a service behind a reverse proxy.
	Deployment string
	// Trail is the trail that is read or written.
	Trail TrailReference
}

// maxHost is how long a name of a host may be.
const maxHost = 255

// UnmarshalJSONFrom reads the URI. One that is not understood says nothing: what is in it may be a
// password, so that it is in no error.
func (e *PathEnd) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*e = PathEnd{}
	if in.PeekKind() != jsontext.KindString {
		return in.SkipValue()
	}
	token, err := in.ReadToken()
	if err == nil {
		*e = parsePathEnd(token.String())
	}
	return err
}

// parsePathEnd returns what a URI says: trail://HOST:PORT/services/v2/sources?trail=NAME, or behind a
// reverse proxy …/services/DEPLOYMENT/distsrvr/v2/sources?trail=NAME, and localtrail:NAME; likewise
// with recvsrvr, targets and ws, wss or ogg.
func parsePathEnd(uri string) PathEnd {
	u, err := url.Parse(uri)
	if err != nil {
		return PathEnd{}
	}
	trail := u.Query().Get("trail")
	if u.Scheme == "localtrail" { // of another one without //, it may be a password
		trail, _ = url.PathUnescape(u.Opaque)
	}
	e := PathEnd{Host: canonicalHost(u.Hostname()), Port: u.Port(), Deployment: deploymentIn(u.EscapedPath())}
	if len(trail) <= wire.MaxText {
		e.Trail = referTo("", trail)
	}
	if len(e.Host) > maxHost || len(e.Deployment) > wire.MaxText {
		return PathEnd{}
	}
	return e
}

// canonicalHost returns a host in the form in which it is compared with others.
func canonicalHost(host string) string {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.WithZone("").Unmap().String()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// deploymentIn returns the deployment in the path of a URI: what is between services
// and the service.
func deploymentIn(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments[:max(0, len(segments)-2)] {
		if service := segments[i+2]; s == "services" && (service == "distsrvr" || service == "recvsrvr") {
			name, _ := url.PathUnescape(segments[i+1]) // as in every path that has been parsed
			return name
		}
	}
	return ""
}
