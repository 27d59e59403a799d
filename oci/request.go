package oci

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
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
	// maxConcurrentRequests is how many requests to the control plane may be in flight.
	maxConcurrentRequests = 4
	// maxWait is the longest backoff before a retry, as OCI recommends.
	maxWait = time.Minute
	// pageLimit is how many items to request per page.
	pageLimit = 1000
	// maxPages is how many pages of one list are read at most.
	maxPages = 1000
)

// session is one refresh: the SDK's client with freshly read credentials.
type session struct {
	*Client
	sdk   common.BaseClient
	slots chan struct{}
	retry common.RetryPolicy
	hosts config.Pattern // those to which the credentials of scrape may go
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
	return &session{
		Client: c,
		// Built by hand because the SDK's constructors add a circuit breaker, which would hide that
		// OCI has recovered, and read a dozen environment variables.
		sdk: common.BaseClient{
			HTTPClient: c.http, Signer: common.DefaultRequestSigner(id.KeyProvider),
			Host: host, BasePath: basePath, UserAgent: c.options.UserAgent,
		},
		hosts: hosts,
		slots: make(chan struct{}, maxConcurrentRequests),
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
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return answer{}, fmt.Errorf("GET %s: not sent: %w", path, context.Cause(ctx))
	}
	// The SDK's own retry loop keeps sleeping after the context has ended, and then reports that
	// the deadline is near instead of what OCI answered.
	for attempt := uint(1); ; attempt++ {
		a, header, err := s.send(ctx, path, request)
		if err == nil || !retriable(err) || attempt >= s.retry.MaximumNumberAttempts {
			return a, s.explain(ctx, path, err)
		}
		wait := max(s.retry.NextDuration(common.NewOCIOperationResponse(nil, err, attempt)), retryAfter(header))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait || !sleep(ctx, wait) {
			return a, s.explain(ctx, path, err)
		}
	}
}

// send sends a request once. It returns the header only for a failure that OCI itself reported.
func (s *session) send(ctx context.Context, path string, request common.OCIRequest) (answer, http.Header, error) {
	r, err := request.HTTPRequest(http.MethodGet, path, nil, nil)
	if err != nil {
		return answer{}, nil, err
	}
	response, err := s.sdk.Call(ctx, &r)
	if response == nil {
		return answer{}, nil, err
	}
	defer response.Body.Close()
	if err != nil {
		return answer{}, response.Header, err
	}
	if response.StatusCode/100 != 2 {
		return answer{}, nil, fmt.Errorf("answer with status %d", response.StatusCode)
	}
	body, err := io.ReadAll(response.Body)
	if len(body) > maxBody {
		return answer{}, nil, fmt.Errorf("answer of more than %d MiB", maxBody>>20)
	}
	return answer{body, response.Header.Get("opc-next-page")}, nil, err
}

// retriable reports whether retrying may help, by the SDK's rules. A 429 from a proxy lacks the
// code by which the SDK recognizes it.
func retriable(err error) bool {
	failure, is := common.IsServiceError(err)
	return common.IsErrorRetryableByDefault(err) || is && failure.GetHTTPStatusCode() == http.StatusTooManyRequests
}

// retryAfter returns how long OCI asks to wait; 0 if it does not say.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// sleep waits, and reports false if the context ended first.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
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
		var collection struct {
			Items []jsontext.Value `json:"items"`
		}
		if err := json.Unmarshal(a.body, &collection, wire.Lenient); err != nil {
			return nil, fmt.Errorf("GET %s: answer is not a list: %w", path, err)
		}
		all = append(all, collection.Items...)
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
