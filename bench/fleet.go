package main

import (
	"cmp"
	"context"
	"net/url"
	"slices"
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
}

// Request is a request that the fleet received.
type Request struct {
	// Service is the host and port of the service that answered.
	Service string
	// URL is the requested URL.
	URL string
	// Status is the HTTP status of the answer.
	Status int
}

// Fleet is the role of the process that runs the simulation.
type Fleet struct{ servers []*oggtest.Server }

// Start starts the simulation and reports the URLs of its Service Managers. All run the
// latest release.
func (f *Fleet) Start(o FleetOptions, urls *[]string) error {
	o.Release = oggtest.Release26ai
	for _, installation := range oggtest.Fleet(o.FleetSize) {
		installation.RequestLog = cmp.Or(o.RequestLog, -1)
		s, err := oggtest.Start(installation)
		if err != nil {
			return err
		}
		f.servers = append(f.servers, s)
		s.Fault(oggtest.Target{}, oggtest.Fault{Latency: o.Latency})
		*urls = append(*urls, s.URL())
	}
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
	for _, s := range f.servers {
		for _, r := range s.Requests() {
			address, err := url.Parse(s.ServiceURL(r.Deployment, r.Service))
			if err != nil {
				return err
			}
			asked := address.Scheme + "://" + address.Host + r.Path
			if r.Query != "" {
				asked += "?" + r.Query
			}
			*all = append(*all, Request{Service: address.Host, URL: asked, Status: r.Status})
		}
	}
	return nil
}

// fleet is the driver's side of a Fleet.
type fleet struct {
	*role
	urls []string
}

// startFleet starts a fleet in a process of its own.
func startFleet(ctx context.Context, o FleetOptions) (*fleet, error) {
	r, err := startRole(ctx, "fleet")
	if err != nil {
		return nil, err
	}
	f := &fleet{role: r}
	if err := f.call("Start", o, &f.urls); err != nil {
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

// byService groups requests by the service that answered, in their order.
func byService(requests []Request) map[string][]Request {
	services := map[string][]Request{}
	for _, r := range requests {
		services[r.Service] = append(services[r.Service], r)
	}
	return services
}

// busiest returns the number of requests to the service that received the most.
func busiest(requests []Request) int {
	most := 0
	for _, of := range byService(requests) {
		most = max(most, len(of))
	}
	return most
}

// distinct returns how many different requests were answered with 200.
func distinct(requests []Request) int {
	var urls []string
	for _, r := range requests {
		if r.Status == 200 {
			urls = append(urls, r.URL)
		}
	}
	slices.Sort(urls)
	return len(slices.Compact(urls))
}
