package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Request is a GET of one service: one that a scrape needs, or one that the fleet received.
type Request struct {
	Manager             int // which Service Manager
	Deployment, Service string
	URL                 string
	// Step is how many requests must be answered before this one can be sent, one after the
	// other, because their answers name what is requested.
	Step int

	// Received and Status are known only of a request that the fleet received.
	Received time.Time
	Status   int
}

// service identifies the service.
func (r Request) service() string {
	return fmt.Sprintf("%d/%s/%s", r.Manager, r.Deployment, r.Service)
}

// login identifies the account that the request logs in to: that of a deployment.
func (r Request) login() string { return fmt.Sprintf("%d/%s", r.Manager, r.Deployment) }

// byService groups requests by their service, in their order.
func byService(requests []Request) map[string][]Request {
	services := map[string][]Request{}
	for _, r := range requests {
		services[r.service()] = append(services[r.service()], r)
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

// stepsOf groups the requests by their step. The number of steps is the length of the longest
// chain of requests that depend on each other.
func stepsOf(requests []Request) [][]Request {
	var steps [][]Request
	for _, r := range requests {
		for len(steps) <= r.Step {
			steps = append(steps, nil)
		}
		steps[r.Step] = append(steps[r.Step], r)
	}
	return steps
}

// withLoginCheck returns the steps if one request for each login goes ahead of the others, as the
// exporter does so that a wrong password is sent only once. The logins of a step are checked side
// by side.
func withLoginCheck(requests []Request) [][]Request {
	var steps [][]Request
	accepted := map[string]bool{}
	for _, step := range stepsOf(requests) {
		var ahead, others []Request
		for _, r := range step {
			if accepted[r.login()] {
				others = append(others, r)
			} else {
				accepted[r.login()] = true
				ahead = append(ahead, r)
			}
		}
		for _, s := range [][]Request{ahead, others} {
			if len(s) > 0 {
				steps = append(steps, s)
			}
		}
	}
	return steps
}

// difference returns what was requested more often than in the list, and less often, sorted.
func difference(received, least []Request) (more, fewer []string) {
	n := map[string]int{}
	for _, r := range received {
		n[r.URL]++
	}
	for _, r := range least {
		n[r.URL]--
	}
	for _, url := range slices.Sorted(maps.Keys(n)) {
		switch {
		case n[url] > 0:
			more = append(more, slices.Repeat([]string{url}, n[url])...)
		case n[url] < 0:
			fewer = append(fewer, slices.Repeat([]string{url}, -n[url])...)
		}
	}
	return more, fewer
}

// mostInFlight returns how many requests were in flight to one Service Manager at the same time,
// if each took at least that long: it was in flight from its arrival on.
func mostInFlight(received []Request, took time.Duration) int {
	byManager := map[int][]time.Time{}
	for _, r := range received {
		byManager[r.Manager] = append(byManager[r.Manager], r.Received)
	}
	most := 0
	for _, arrivals := range byManager {
		slices.SortFunc(arrivals, time.Time.Compare)
		oldest := 0
		for i, now := range arrivals {
			for !now.Before(arrivals[oldest].Add(took)) {
				oldest++
			}
			most = max(most, i-oldest+1)
		}
	}
	return most
}

// portsOf returns the ports of the services that received the requests.
func portsOf(requests []Request) map[int]bool {
	ports := map[int]bool{}
	for _, r := range requests {
		if u, err := url.Parse(r.URL); err == nil {
			n, _ := strconv.Atoi(u.Port())
			ports[n] = true
		}
	}
	return ports
}
