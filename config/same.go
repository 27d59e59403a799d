package config

import (
	"reflect"
	"slices"
)

// SameClient reports whether a client made for one Service Manager can serve the other: whether
// they are equal except for Labels and Aliases, which clients do not use, and for what is expected, which
// a client takes up while it runs. Secrets in the configuration and paths of files are compared. The content of
// files is not: a client rereads them itself.
func (sm ServiceManager) SameClient(other ServiceManager) bool {
	return reflect.DeepEqual(sm.clientPart(), other.clientPart())
}

// SameClient reports whether a client made for one entry can serve the other: whether they are
// equal. Secrets and files are compared as for Service Managers.
func (o OCI) SameClient(other OCI) bool {
	return reflect.DeepEqual(o.comparable(), other.comparable())
}

// comparable returns the entry without what cannot be compared.
func (o OCI) comparable() OCI {
	o.ProxyConfig = cloneProxy(o.ProxyConfig)
	if o.Scrape != nil {
		scrape := o.Scrape
		o.Scrape = new(scrape.clientPart())
		o.Scrape.Labels, o.Scrape.Aliases = scrape.Labels, scrape.Aliases // the targets that are found get these
		o.Scrape.Expect, o.Scrape.ExpectOfAll = scrape.Expect, scrape.ExpectOfAll
	}
	return o
}

// clientPart returns what clients are made from, without what cannot be compared: the functions
// that promconfig caches. Two compilations of the same expression are deeply equal.
func (sm ServiceManager) clientPart() ServiceManager {
	sm.Labels, sm.Aliases, sm.Expect, sm.ExpectOfAll = nil, nil, nil, nil
	sm.HTTPClient = cloneHTTPClient(sm.HTTPClient)
	sm.Deployments = slices.Clone(sm.Deployments)
	for i := range sm.Deployments {
		sm.Deployments[i].HTTPClient = cloneHTTPClient(sm.Deployments[i].HTTPClient)
	}
	return sm
}
