package oci

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/oracle/oci-go-sdk/v65/common"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

const (
	// basePath is the version of the control plane's API.
	basePath = "20200407"
	// maxConcurrentRequests is how many requests of one part of a refresh may be in flight. As there
	// are five parts, at most 10 are in flight to the control plane.
	maxConcurrentRequests = 2
	// attempts is how many requests without an answer fit into a refresh: each may take its share of
	// the timeout, so that whatever hangs makes way for the rest of its part.
	attempts = 3
	// pageLimit is how many items to request per page.
	pageLimit = 500
	// maxPages is how many pages of one list are read at most.
	maxPages = 1000
)

// session is one part of a refresh: the SDK's client with freshly read credentials.
type session struct {
	*Client
	sdk   common.BaseClient
	slots chan struct{} // one for each request of the part in flight
	retry common.RetryPolicy
	// intake bounds the memory of the refresh.
	intake *intake
	hosts  config.Pattern // those to which the credentials of scrape may go

	tenancy     string // the user's; "" if unknown
	identityURL string // of the service Identity; "" if it is not needed
	// compartments are the OCIDs of those to read.
	compartments []string
}

// part returns the session with slots of its own, so that a part whose requests hang costs no
// other part.
func (s *session) part() *session {
	own := *s
	own.slots = make(chan struct{}, maxConcurrentRequests)
	return &own
}

// newSession reads the credentials and determines the control plane's address.
func (c *Client) newSession(ctx context.Context) (*session, error) {
	id, err := c.identify(ctx)
	if err != nil {
		return nil, err
	}
	region := cmp.Or(c.config.Region, id.region)
	host, err := planeURL(c.config, region)
	if err != nil {
		return nil, err
	}
	hosts, err := scrapeHosts(c.config, region)
	if err != nil {
		return nil, err
	}
	identityURL, err := identityURL(c.config, region)
	if err != nil {
		return nil, err
	}
	return &session{
		Client: c, intake: newIntake(),
		// Built by hand because the SDK's constructors add a circuit breaker, which would hide that
		// OCI has recovered, and read a dozen environment variables.
		sdk: common.BaseClient{
			HTTPClient: c.http, Signer: common.DefaultRequestSigner(id.KeyProvider),
			Host: host, BasePath: basePath, UserAgent: c.options.UserAgent,
		},
		hosts: hosts, tenancy: id.tenancy, identityURL: identityURL,
		retry: common.NewRetryPolicyWithOptions(
			common.ReplaceWithValuesFromRetryPolicy(common.DefaultRetryPolicyWithoutEventualConsistency()),
			common.WithExponentialBackoff(maxWait, 2),
		),
	}, nil
}

type answer struct {
	body []byte
	next string // the token of the next page; "" if there is none
}

// get sends a request, retries it where that may help, and returns the answer. Its errors are
// *APIError, *SkewError or connection errors.
func (s *session) get(ctx context.Context, path string, request common.OCIRequest) (answer, error) {
	// The SDK's own retry loop keeps sleeping after the context has ended, and then reports that
	// the deadline is near instead of what OCI answered.
	var failed error
	for attempt := uint(1); ; attempt++ {
		if !s.enter(ctx) {
			return answer{}, cmp.Or(failed, fmt.Errorf("GET %s: not sent: %w", path, context.Cause(ctx)))
		}
		a, header, err := s.send(ctx, path, request)
		if failed = s.explain(ctx, path, err); err == nil || !retriable(err) || attempt >= s.retry.MaximumNumberAttempts {
			return a, failed
		}
		wait := max(s.retry.NextDuration(common.NewOCIOperationResponse(nil, err, attempt)), retryAfter(header))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait || !sleep(ctx, wait) {
			return a, failed
		}
	}
}

// enter takes a slot, and reports false if the context ended first.
func (s *session) enter(ctx context.Context) bool {
	select {
	case s.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// send sends a request once and leaves its slot. It returns the header only for a failure that OCI
// itself reported.
func (s *session) send(ctx context.Context, path string, request common.OCIRequest) (answer, http.Header, error) {
	defer func() { <-s.slots }()
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout/attempts)
	defer cancel()
	r, err := request.HTTPRequest(http.MethodGet, path, nil, nil)
	if err != nil {
		return answer{}, nil, err
	}
	connected := &atomic.Bool{}
	response, err := s.sdk.Call(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), &r)
	failed, is := errors.AsType[*url.Error](err)
	switch {
	case is && connected.Load():
		return answer{}, nil, &brokenError{failed.Err}
	case response == nil:
		return answer{}, nil, err
	}
	defer response.Body.Close()
	if err != nil {
		return answer{}, response.Header, err
	}
	if response.StatusCode/100 != 2 {
		return answer{}, nil, fmt.Errorf("answer with status %d", response.StatusCode)
	}
	body, err := s.intake.read(ctx, response.Body)
	if err != nil {
		return answer{}, nil, err
	}
	return answer{body, response.Header.Get("opc-next-page")}, nil, nil
}

// list returns the items of all pages. Only a page without a token is the last: even an empty page
// may have a successor.
func (s *session) list(ctx context.Context, path string, request func(page *string) common.OCIRequest) ([]jsontext.Value, error) {
	var all []jsontext.Value
	var page *string
	for met := map[string]bool{}; len(met) < maxPages; {
		a, err := s.get(ctx, path, request(page))
		if err != nil {
			return nil, err
		}
		items, err := itemsOf(a.body)
		if err != nil {
			return nil, fmt.Errorf("GET %s: %w", path, err)
		}
		if all = append(all, items...); len(all) > maxItems {
			return nil, fmt.Errorf("GET %s: more than %d items", path, maxItems)
		}
		if a.next == "" {
			return all, nil
		}
		if met[a.next] {
			return nil, fmt.Errorf("GET %s: the pages form a loop", path)
		}
		met[a.next] = true
		page = &a.next
	}
	return nil, fmt.Errorf("GET %s: more than %d pages", path, maxPages)
}

// itemsOf returns the items of a page. A page without items is a failure, and not an empty one.
func itemsOf(body []byte) ([]jsontext.Value, error) {
	var page struct {
		Items []jsontext.Value `json:"items"`
	}
	if err := json.Unmarshal(body, &page, wire.Lenient); err != nil {
		return nil, fmt.Errorf("answer is not a list: %w", err)
	}
	if page.Items == nil {
		return nil, errors.New("answer without items")
	}
	return page.Items, nil
}
