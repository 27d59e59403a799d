package oci

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// signer signs the requests, and knows the tenancy and the region that the credentials name; "" if
// they name none.
type signer struct {
	common.KeyProvider
	tenancy, region string
}

// identify reads or fetches the credentials again, so that a rotated key takes effect at the next
// refresh. The SDK would keep the files for the life of the process.
func (c *Client) identify(ctx context.Context) (signer, error) {
	switch c.config.Auth {
	case config.OCIAuthInstancePrincipal, config.OCIAuthResourcePrincipal:
		return c.identifyPrincipal(ctx)
	default:
		return c.identifyUser(ctx)
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

// userReading is an attempt to read the user's credentials. At most one is under way, because one
// that hangs cannot be ended.
type userReading struct {
	done chan struct{} // closed once the fields below are set
	id   signer
	err  error
}

// identifyUser reads the user's credentials from files.
func (c *Client) identifyUser(ctx context.Context) (signer, error) {
	r := c.reading
	if r == nil {
		r = &userReading{done: make(chan struct{})}
		c.reading = r
		go func() {
			defer close(r.done)
			r.err = c.options.Panics.Catch("credentials", func() (err error) {
				r.id, err = readUser(&c.config)
				return err
			})
		}()
	}
	select {
	case <-r.done:
		c.reading = nil
		return r.id, r.err
	case <-ctx.Done():
		return signer{}, fmt.Errorf("reading the credentials: not ended in time: %w", context.Cause(ctx))
	}
}

// readUser reads the user's credentials from files.
func readUser(c *config.OCI) (signer, error) {
	read, err := c.Credentials()
	if err != nil {
		return signer{}, fmt.Errorf("reading the credentials: %w", err)
	}
	var passphrase []byte
	if read.Passphrase != "" {
		passphrase = []byte(read.Passphrase)
	}
	key, err := common.PrivateKeyFromBytesWithPassword([]byte(read.Key), passphrase)
	if err != nil {
		// With a wrong passphrase, the decoders report that the key is broken.
		return signer{}, errors.New("reading the credentials: the private key cannot be used: it is not an RSA key, or the passphrase is wrong")
	}
	id := strings.Join([]string{read.TenancyID, read.UserID, read.Fingerprint}, "/")
	return signer{userKey{id, key}, read.TenancyID, read.Region}, nil
}

// principalTimeout bounds each request to an instance's metadata service and to OCI's
// authentication service. The SDK sets no timeout of its own.
const principalTimeout = 10 * time.Second

// principal is the identity of the machine or resource on which the exporter runs. The SDK fetches
// it without a context and retries for minutes, so a caller may give up waiting, and the next one
// picks up the result. At most one fetch runs at a time.
type principal struct {
	done     chan struct{} // closed once the fields below are set
	provider common.ConfigurationProvider
	err      error
}

// identifyPrincipal returns the identity of the machine or resource, with a valid token.
func (c *Client) identifyPrincipal(ctx context.Context) (signer, error) {
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
		return signer{}, fmt.Errorf("no %s in time: %w", strings.ReplaceAll(c.config.Auth, "_", " "), context.Cause(ctx))
	}
	if p.err != nil {
		return signer{}, fmt.Errorf("%s: %s", strings.ReplaceAll(c.config.Auth, "_", " "), wire.OneLine(p.err.Error()))
	}
	region, err := p.provider.Region()
	if err != nil {
		region = "" // not needed if the configuration sets a region or an endpoint
	}
	tenancy, err := p.provider.TenancyOCID()
	if err != nil {
		tenancy = "" // needed only to list compartments
	}
	return signer{p.provider, tenancy, region}, nil
}

// over reports whether the fetch has finished.
func (p *principal) over() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// ask creates the provider if there is none yet, and has it fetch a token.
func (p *principal) ask(way string) {
	defer close(p.done)
	if p.provider == nil {
		if p.provider, p.err = newPrincipal(way); p.err != nil {
			return
		}
	}
	_, p.err = p.provider.KeyID()
}

// newPrincipal returns the identity of the machine or resource. Where there is none, it takes
// minutes to fail.
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
