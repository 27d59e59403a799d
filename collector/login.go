package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var authBlocked = gauge("ogg_auth_blocked",
	"Whether the exporter holds back requests to the service because GoldenGate refused the user (401), or what the user's role may not read (403). No sample for a service that is not asked. The exporter's own knowledge: no endpoint of GoldenGate is behind it.",
	"microservice")

// exportLogins sends whether the services of a deployment let the user in. It is
// no Collector's, because a refused user is worth knowing whichever are on.
func exportLogins(to sink, d *ogg.Deployment) {
	for _, s := range d.Services {
		to.boolean(authBlocked, s.LoginBlocked, d.Name, s.Name)
	}
}
