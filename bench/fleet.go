package main

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// FleetOptions describe a fleet.
type FleetOptions struct {
	oggtest.FleetSize
	// Latency is added to each answer.
	Latency time.Duration
	// RequestLog is how many requests each Service Manager keeps; none if 0.
	RequestLog int
	// TLS, Digest and NGINX are how the services are reached: over TLS, with digest
	// authentication, behind one front.
	TLS, Digest, NGINX bool
}

// Addresses are where the Service Managers of a fleet are.
type Addresses struct {
	URLs []string
	// CA is the certificate of the CA of the first, in PEM; nil without TLS.
	CA []byte
}

// Fleet is the role of the process that runs the simulation.
type Fleet struct {
	ctx           context.Context // of the process
	servers       []*oggtest.Server
	installations []oggtest.Installation // what the servers run
}

// Start starts the simulation and reports where it is. All run the latest release.
func (f *Fleet) Start(o FleetOptions, at *Addresses) error {
	o.Release = oggtest.Release26ai
	for _, installation := range oggtest.Fleet(o.FleetSize) {
		installation.RequestLog = cmp.Or(o.RequestLog, -1)
		installation.TLS, installation.ReverseProxy = o.TLS, o.NGINX
		if o.Digest {
			installation.Auth = oggtest.AuthDigest
		}
		s, err := oggtest.Start(installation)
		if err != nil {
			return err
		}
		f.servers, f.installations = append(f.servers, s), append(f.installations, installation)
		s.Fault(oggtest.Target{}, oggtest.Fault{Latency: o.Latency})
		at.URLs = append(at.URLs, s.URL())
	}
	at.CA = f.servers[0].CACertificate()
	return nil
}

// Forget clears the request log.
func (f *Fleet) Forget(struct{}, *struct{}) error { //nolint:unparam // net/rpc wants an error
	for _, s := range f.servers {
		s.ResetRequests()
	}
	return nil
}

// Requests reports the request log, grouped by Service Manager, oldest first.
func (f *Fleet) Requests(_ struct{}, all *[]Request) error {
	for i, s := range f.servers {
		for _, r := range s.Requests() {
			address, err := url.Parse(s.URL())
			if err != nil {
				return err
			}
			service, err := url.Parse(s.ServiceURL(r.Deployment, r.Service))
			if err != nil {
				return err
			}
			asked := address.Scheme + "://" + service.Host + r.Path
			if r.Query != "" {
				asked += "?" + r.Query
			}
			*all = append(*all, Request{Manager: i, Deployment: r.Deployment, Service: r.Service, URL: asked, Received: r.Time, Status: r.Status})
		}
	}
	return nil
}

// Least reports the requests that a scrape of the fleet needs at least.
func (f *Fleet) Least(everything bool, all *[]Request) error { //nolint:unparam // net/rpc asks for the error
	for i, s := range f.servers {
		*all = append(*all, leastOf(i, s, f.installations[i].Deployments, everything)...)
	}
	return nil
}

// fleet is the driver's side of a Fleet.
type fleet struct {
	*role
	Addresses
	options FleetOptions
}

// startFleet starts a fleet in a process of its own.
func startFleet(ctx context.Context, o FleetOptions) (*fleet, error) {
	r, err := startRole(ctx, "fleet")
	if err != nil {
		return nil, err
	}
	f := &fleet{role: r, options: o}
	if err := f.call("Start", o, &f.Addresses); err != nil {
		f.end()
		return nil, err
	}
	return f, nil
}

// requests returns the requests that the fleet received while do ran.
func (f *fleet) requests(do func() error) ([]Request, error) {
	if err := f.call("Forget", struct{}{}, nil); err != nil {
		return nil, err
	}
	if err := do(); err != nil {
		return nil, err
	}
	var all []Request
	err := f.call("Requests", struct{}{}, &all)
	return all, err
}

// least returns the requests that a scrape needs at least.
func (f *fleet) least(s scope) ([]Request, error) {
	var all []Request
	err := f.call("Least", s.everything, &all)
	return all, err
}
