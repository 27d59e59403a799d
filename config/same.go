package config

import (
	"reflect"
	"slices"
)

// SameClient says whether a client that was made for one Service Manager serves the other, too:
// whether they are equal in all but Labels, which no client looks at. Secrets in the configuration
// count, and so do the paths of files; what a file holds does not, a client reads it again itself.
func (sm ServiceManager) SameClient(other ServiceManager) bool {
	return reflect.DeepEqual(sm.clientPart(), other.clientPart())
}

// SameClient says whether a client that was made for one entry serves the other, too: whether they
// are equal. Secrets and files count as they do for Service Managers.
func (o OCI) SameClient(other OCI) bool {
	return reflect.DeepEqual(o.comparable(), other.comparable())
}

// comparable returns the entry less what cannot be compared.
func (o OCI) comparable() OCI {
	o.ProxyConfig = cloneProxy(o.ProxyConfig)
	if o.Scrape != nil {
		labels := o.Scrape.Labels
		o.Scrape = new(o.Scrape.clientPart())
		o.Scrape.Labels = labels // these are what the targets found get
	}
	return o
}

// clientPart returns what clients are made from, less what cannot be compared: the functions
// that promconfig keeps. Two compilations of one expression are deeply equal.
func (sm ServiceManager) clientPart() ServiceManager {
	sm.Labels = nil
	sm.HTTPClient = cloneHTTPClient(sm.HTTPClient)
	sm.Deployments = slices.Clone(sm.Deployments)
	for i := range sm.Deployments {
		sm.Deployments[i].HTTPClient = cloneHTTPClient(sm.Deployments[i].HTTPClient)
	}
	return sm
}
