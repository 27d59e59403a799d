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
