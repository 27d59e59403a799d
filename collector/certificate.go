package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var certificateNotAfter = gauge("ogg_certificate_not_after_timestamp_seconds",
	"When a certificate that the Service Manager stores for the deployment expires, in Unix time; if several are trusted under one name, the first to expire (deployments/{d}/certificates/{type}/{certificate}: X.509 in certificatePem or trustpointBundle).",
	"certificate_type", "certificate").from("21.3")

var certificateCollector = Collector{
	Name: "certificate", Help: "expiry of the certificates that the Service Manager stores for deployments", Default: false, Role: "Administrator",
	metrics: []*metric{certificateNotAfter},
	collect: collectCertificates,
}

func collectCertificates(to sink, d *ogg.Deployment) {
	for _, c := range d.Certificates {
		to.timestamp(certificateNotAfter, c.NotAfter, d.Name, c.Type, c.Name)
	}
}
