package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var authBlocked = gauge("ogg_auth_blocked",
	"Whether the exporter withholds requests from the service because GoldenGate rejected the user (401), a forward proxy rejected its user (407), or the service denied access to something that the user's role may not read (403). No sample for a service that the exporter sends no requests to. The exporter determines this itself; it comes from no GoldenGate endpoint.",
	"microservice")

// exportLogins sends whether the services of a deployment accept the user. It belongs
// to no Collector: a rejected user matters whichever collectors are on.
func exportLogins(to sink, d *ogg.Deployment) {
	for _, s := range d.Services {
		to.boolean(authBlocked, s.LoginBlocked, d.Name, s.Name)
	}
}
