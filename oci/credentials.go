package oci

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// identity is who signs the requests, and the region that comes with it.
type identity struct {
	common.KeyProvider
	region string
}

// identify reads or fetches the credentials anew, so that a key that was exchanged is used from
// the next refresh on. The SDK keeps files for the life of the process.
func (c *Client) identify(ctx context.Context) (identity, error) {
	switch c.config.Auth {
	case config.OCIAuthInstancePrincipal, config.OCIAuthResourcePrincipal:
		return c.identifyPrincipal(ctx)
	default:
		return c.identifyUser()
	}
}

// userKey is the API signing key of a user.
type userKey struct {
	id  string
	key *rsa.PrivateKey
}

// KeyID implements common.KeyProvider.
func (k userKey) KeyID() (string, error) { return k.id, nil }

// PrivateRSAKey implements common.KeyProvider.
func (k userKey) PrivateRSAKey() (*rsa.PrivateKey, error) { return k.key, nil }

// identifyUser reads the files with the key of a user.
func (c *Client) identifyUser() (identity, error) {
	read, err := c.config.Credentials()
	if err != nil {
		return identity{}, fmt.Errorf("reading the credentials: %w", err)
	}
	var passphrase []byte
	if read.Passphrase != "" {
		passphrase = []byte(read.Passphrase)
	}
	key, err := common.PrivateKeyFromBytesWithPassword([]byte(read.Key), passphrase)
	if err != nil {
		// What the decoders say of a wrong passphrase is that the key is broken.
		return identity{}, errors.New("reading the credentials: the private key cannot be used: it is no RSA key, or its passphrase is wrong")
	}
	id := strings.Join([]string{read.TenancyID, read.UserID, read.Fingerprint}, "/")
	return identity{userKey{id, key}, read.Region}, nil
}

// principalTimeout bounds each request to the metadata service of an instance and to OCI's
// authentication service, for which the SDK itself sets no bound.
const principalTimeout = 10 * time.Second

// principal is the identity of the machine or resource on which the exporter runs. The SDK asks
// for it without a context and tries for minutes: whoever waits may leave, and the next finds
// what came of it. Never more than one asks.
type principal struct {
	done     chan struct{} // closed when the following are set
	provider common.ConfigurationProvider
	err      error
}

// identifyPrincipal returns the identity of the machine or resource, with a token that is valid.
func (c *Client) identifyPrincipal(ctx context.Context) (identity, error) {
	p := c.principal
	if p == nil || p.over() {
		var known common.ConfigurationProvider
		if p != nil && p.err == nil {
			known = p.provider
		}
		p = &principal{done: make(chan struct{}), provider: known}
		c.principal = p
		go p.ask(c.config.Auth)
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return identity{}, fmt.Errorf("no %s in time: %w", strings.ReplaceAll(c.config.Auth, "_", " "), context.Cause(ctx))
	}
	if p.err != nil {
		return identity{}, fmt.Errorf("%s: %s", strings.ReplaceAll(c.config.Auth, "_", " "), wire.OneLine(p.err.Error()))
	}
	region, err := p.provider.Region()
	if err != nil {
		region = "" // where the configuration names one, or an endpoint, it is not needed
	}
	return identity{p.provider, region}, nil
}

// over reports whether nobody asks any more.
func (p *principal) over() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// ask makes the provider, if there is none yet, and lets it have its token ready.
func (p *principal) ask(way string) {
	defer close(p.done)
	if p.provider == nil {
		if p.provider, p.err = newPrincipal(way); p.err != nil {
			return
		}
	}
	_, p.err = p.provider.KeyID()
}

// loadRegions lets the SDK read, once and before anybody else asks, which regions a file and a
// variable of the environment add to those that it knows. It keeps them for the process, and does
// not guard them.
var loadRegions = sync.OnceFunc(func() { common.StringToRegion("") })

// newPrincipal returns the identity of the machine or resource, after minutes where it has none.
func newPrincipal(way string) (common.ConfigurationProvider, error) {
	loadRegions()
	if way == config.OCIAuthResourcePrincipal {
		return auth.ResourcePrincipalConfigurationProvider()
	}
	return auth.InstancePrincipalConfigurationProviderWithCustomClient(
		func(d common.HTTPRequestDispatcher) (common.HTTPRequestDispatcher, error) {
			if client, is := d.(*http.Client); is {
				client.Timeout = principalTimeout
			}
			return d, nil
		})
}
