package ogg

// listing is what one poll, or several, found.
type listing struct{ deployments, services map[string]bool }

// has reports whether the deployment was listed.
func (l *listing) has(deployment string) bool { return l.deployments[deployment] }
