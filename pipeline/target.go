package pipeline

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// The reasons why neighbors are not joined, see Unjoined.
const (
	reasonHost      = "host"
	reasonAmbiguous = "ambiguous"
	reasonUnread    = "unread"
)

// found is the deployment to which, or from which, a URI leads.
type found struct {
	*site
	evidence       string // the rule that found it
	reason, detail string // if no rule did
}

// find returns the deployment whose service is at the other end of a path: the first rule that gives
// exactly one. They are the deployment in the URI of a reverse proxy, and the port on which the service
// listens, both on a host under which a Service Manager is known.
func (b *builder) find(from *site, end ogg.PathEnd, service string) found {
	if end == (ogg.PathEnd{}) {
		return found{reason: reasonUnread, detail: "its URI is not known yet"}
	}
	hosts := b.hostsOf(from, end.Host)
	var byName, byPort []*site
	for _, s := range hosts {
		listening := b.ports[listener{s, service, end.Port}]
		if end.Deployment == "" {
			byPort = append(slices.Clip(listening), byPort...)
		} else if at := b.named[deploymentName{s, end.Deployment}]; at != nil {
			byName = append(byName, at)
			if slices.Contains(listening, at) {
				byPort = append(byPort, at)
			}
		}
	}
	switch {
	case len(byName) == 1 && len(byPort) == 0 && b.awaits(from, end.Host):
		return found{reason: reasonUnread, detail: "another Service Manager on " + end.Host + ", which may have the deployment, too, was not read yet"}
	case len(byName) == 1:
		return found{site: byName[0], evidence: "deployment"}
	case len(byPort) == 1:
		return found{site: byPort[0], evidence: "port"}
	case len(byName) > 1:
		return found{reason: reasonAmbiguous, detail: address(end) + " may be in " + list(byName)}
	case len(byPort) > 1:
		return found{reason: reasonAmbiguous, detail: address(end) + " may be in " + list(byPort)}
	default:
		return notFound(hosts, end, service)
	}
}

// awaits reports whether nothing is known yet of a Service Manager on a host: that both ends of a path say the
// same of themselves does not tell what is there from a copy of it elsewhere.
func (b *builder) awaits(from *site, host string) bool {
	return slices.ContainsFunc(b.hostsOf(from, host), (*Source).isUnknown)
}

// isUnknown reports whether no poll has listed the deployments of a Service Manager.
func (s *Source) isUnknown() bool {
	return s.Latest == nil || !s.Latest.Listed && len(s.Latest.Deployments) == 0
}

// notFound says why there is no deployment at the other end of a path.
func notFound(hosts []*Source, end ogg.PathEnd, service string) found {
	unread := slices.ContainsFunc(hosts, func(s *Source) bool { return s.Latest == nil || !s.Latest.Listed })
	switch {
	case len(hosts) == 0:
		return found{reason: reasonHost, detail: "no Service Manager is known under " + end.Host}
	case unread:
		return found{reason: reasonUnread, detail: "the Service Manager on " + end.Host + " could not be read"}
	case end.Deployment != "":
		return found{reason: reasonHost, detail: "no deployment " + end.Deployment + " is read on " + end.Host}
	default:
		return found{reason: reasonHost, detail: fmt.Sprintf("no %s that is read listens on %s", service, address(end))}
	}
}

// hostsOf returns the Service Managers on a host. What a path calls localhost is the host of its own.
func (b *builder) hostsOf(from *site, host string) []*Source {
	if !isLoopback(host) {
		return b.hosts[host]
	}
	own := []*Source{from.source}
	for _, host := range from.source.Hosts {
		for _, s := range b.hosts[host] {
			if !slices.Contains(own, s) {
				own = append(own, s)
			}
		}
	}
	return own
}

// isLoopback reports whether a host is the one that says so.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

// address returns host:port of a URI.
func address(end ogg.PathEnd) string {
	switch {
	case end.Host == "":
		return "unknown"
	case end.Port == "":
		return end.Host
	default:
		return net.JoinHostPort(end.Host, end.Port)
	}
}

// list names deployments, of many only some.
func list(sites []*site) string {
	var names []string
	for _, at := range sites[:min(len(sites), maxListed)] {
		names = append(names, at.source.Latest.ServiceManager+"/"+at.Name)
	}
	slices.Sort(names)
	if more := len(sites) - maxListed; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// maxListed is how many deployments are named where several may be meant.
const maxListed = 5
