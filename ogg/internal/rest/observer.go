package rest

import (
	"crypto/tls"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// observer counts and times the requests that are sent, and notes the certificate of the
// connection and the clock of the service.
type observer struct {
	next        http.RoundTripper
	stats       *Stats
	answers     *atomic.Int64
	certificate *atomic.Int64
	clock       *clock
	// prompts is true if a 401 to a request without a user only tells passwordTransport what
	// the service wants: it does not count.
	prompts bool
}

// RoundTrip implements http.RoundTripper.
func (o *observer) RoundTrip(request *http.Request) (*http.Response, error) {
	begin := time.Now()
	answer, err := o.next.RoundTrip(request)
	end, code := time.Now(), 0
	if err == nil {
		code = answer.StatusCode
		o.answers.Add(1)
		o.clock.note(answer.Header, begin, end)
	}
	if !o.prompts || code != http.StatusUnauthorized || request.Header.Get("Authorization") != "" {
		o.stats.observe(code, end.Sub(begin))
	}
	if ends := leafEnds(answer, err); ends != 0 {
		o.certificate.Store(ends)
	}
	return answer, err
}

// leafEnds returns when the server's certificate expires, in Unix seconds, even if it was
// rejected, for example because it has expired; 0 without TLS, or if the connection broke.
func leafEnds(answer *http.Response, err error) int64 {
	if answer != nil && answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		return answer.TLS.PeerCertificates[0].NotAfter.Unix()
	}
	if rejected, is := errors.AsType[*tls.CertificateVerificationError](err); is && len(rejected.UnverifiedCertificates) > 0 {
		return rejected.UnverifiedCertificates[0].NotAfter.Unix()
	}
	return 0
}
