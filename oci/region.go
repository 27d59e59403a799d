package oci

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// loadRegions makes the SDK read the regions that a file and an environment variable add to those
// it knows. The SDK caches them for the process without a lock, so this has to happen once, before
// anything else asks.
var loadRegions = sync.OnceFunc(func() { common.StringToRegion("") })

// ownURL returns the URL of a region's control plane, which is in the domain of the region's realm.
func ownURL(region string) string {
	loadRegions()
	var client goldengate.GoldenGateClient
	client.SetRegion(region)
	return client.Host
}

// planeURL returns the URL of the control plane: the configured endpoint, or the region's.
func planeURL(c config.OCI, region string) (string, error) {
	switch {
	case c.Endpoint != nil:
		return c.Endpoint.String(), nil
	case region == "":
		return "", errors.New("unknown region: neither the configuration nor the credentials name one")
	}
	return ownURL(region), nil
}

// identityURL returns the URL of the service Identity, if compartments are to be listed: the
// configured endpoint, or the region's.
func identityURL(c config.OCI, region string) (string, error) {
	switch {
	case !c.IncludeSubcompartments:
		return "", nil
	case c.IdentityEndpoint != nil:
		return c.IdentityEndpoint.String(), nil
	case region == "":
		return "", errors.New("include_subcompartments: unknown region: neither the configuration nor the credentials name one; set region or identity_endpoint")
	}
	loadRegions()
	var client identity.IdentityClient
	client.SetRegion(region)
	return client.Host, nil
}

// scrapeHosts returns the hosts to which the credentials of scrape may go. The default is Oracle's
// own names for deployments: a label and "deployment", in front of the host of the region's control
// plane or of the configured endpoint, such as
// awpo3giva3wa.deployment.goldengate.us-ashburn-1.oci.oraclecloud.com.
func scrapeHosts(c config.OCI, region string) (config.Pattern, error) {
	if !c.ScrapeHosts.IsZero() || c.Scrape == nil {
		return c.ScrapeHosts, nil
	}
	var planes []string
	if c.Endpoint != nil {
		planes = append(planes, regexp.QuoteMeta(strings.ToLower(c.Endpoint.Hostname())))
	}
	if region != "" {
		own, err := url.Parse(ownURL(region))
		if err != nil {
			return config.Pattern{}, err
		}
		planes = append(planes, regexp.QuoteMeta(own.Hostname()))
	}
	return config.NewPattern(`[a-z0-9-]+\.deployment\.(?:` + strings.Join(planes, "|") + `)`)
}
