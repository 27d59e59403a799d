package rest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// After a service refused the user, nothing is sent to it for loginWait, and for
// twice the time after each refusal more, up to loginWaitMax.
const (
	loginWait    = time.Minute
	loginWaitMax = 15 * time.Minute
)

// login is what is known of a service and the user that it is asked as. A refused
// user is not tried again at each scrape: after some failed logins an account may
// be locked.
//
// Which of 401 and 403 a wrong password gets is not known of every release. 403
// may also be about one route, which the user's role may not read: it counts as a
// refusal of the user when the service gives it twice and has taken the user for
// nothing in between.
type login struct {
	now     func() time.Time
	log     *slog.Logger
	secrets []string // files

	proven bool                // the service took the user
	doubts int                 // 403s since it did
	whole  refusal             // of the user
	routes map[string]*refusal // of routes, to the user's role
}

// refusal is the latest of a row of refusals.
type refusal struct {
	answer  *APIError
	until   time.Time
	wait    time.Duration
	secrets string // fingerprint of the files when the user was refused
}

// BlockedError says that a request was held back, because GoldenGate has refused
// the user.
type BlockedError struct {
	// Until is when GoldenGate is asked again.
	Until time.Time
	// Refusal is its answer.
	Refusal *APIError
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("held back until %s: %v", e.Until.UTC().Format(time.TimeOnly), e.Refusal)
}

// Unwrap returns GoldenGate's answer.
func (e *BlockedError) Unwrap() error { return e.Refusal }

// refuses returns a *BlockedError while a request for the route is to be held back.
func (l *login) refuses(route string) error {
	for _, r := range []*refusal{&l.whole, l.routes[route]} {
		if l.holds(r) {
			return &BlockedError{Until: r.until, Refusal: r.answer}
		}
	}
	return nil
}

// holds reports whether the refusal is in force. It is not once a secret has
// changed.
func (l *login) holds(r *refusal) bool {
	if r == nil || !l.now().Before(r.until) {
		return false
	}
	if fingerprint(l.secrets) != r.secrets {
		*r = refusal{}
		return false
	}
	return true
}

// blocked reports whether anything is held back.
func (l *login) blocked() bool {
	if l.holds(&l.whole) {
		return true
	}
	for _, r := range l.routes {
		if l.holds(r) {
			return true
		}
	}
	return false
}

// note takes in an answer; api is nil for a good one.
func (l *login) note(route string, api *APIError) {
	status := http.StatusOK
	if api != nil {
		status = api.StatusCode
	}
	switch {
	case status == http.StatusForbidden:
		l.doubts++
		if l.proven || l.doubts < 2 {
			l.refuse(l.of(route), api, "role")
			return
		}
		l.refuse(&l.whole, api, "user")
	case status == http.StatusUnauthorized:
		l.proven = false
		l.refuse(&l.whole, api, "user")
	case status < http.StatusInternalServerError && route != openRoute:
		if l.whole.answer != nil {
			l.log.Info("GoldenGate takes the user again")
		}
		l.proven, l.doubts, l.whole = true, 0, refusal{}
		delete(l.routes, route)
	}
}

// of returns the refusals of a route.
func (l *login) of(route string) *refusal {
	if l.routes == nil {
		l.routes = map[string]*refusal{}
	}
	if l.routes[route] == nil {
		l.routes[route] = &refusal{}
	}
	return l.routes[route]
}

// openRoute needs no user: its answer says nothing about one.
const openRoute = "/config/health/check"

// refuse begins or lengthens the time for which requests are held back. Refusals
// of requests that were sent side by side count as one.
func (l *login) refuse(r *refusal, answer *APIError, what string) {
	now := l.now()
	if now.Before(r.until) {
		return
	}
	log := l.log.Warn
	if r.answer != nil {
		log = l.log.Debug
	}
	r.answer, r.secrets = answer, fingerprint(l.secrets)
	r.wait = min(cmp.Or(2*r.wait, loginWait), loginWaitMax)
	r.until = now.Add(r.wait)
	log("GoldenGate refused the "+what+", requests are held back", "status", answer.StatusCode, "code", answer.Code,
		"role_needed", leastRole(answer.URL), "wait", r.wait, "err", answer)
}

// leastRole is the role that the documentation asks for to read a URL.
func leastRole(url string) string {
	if strings.Contains(url, "/certificates") {
		return "Administrator"
	}
	return "User"
}

// secretFiles lists the files with which a client logs in.
func secretFiles(c promconfig.HTTPClientConfig) []string {
	files := []string{c.BearerTokenFile, c.TLSConfig.CertFile, c.TLSConfig.KeyFile}
	if b := c.BasicAuth; b != nil {
		files = append(files, b.UsernameFile, b.PasswordFile)
	}
	if a := c.Authorization; a != nil {
		files = append(files, a.CredentialsFile)
	}
	if o := c.OAuth2; o != nil {
		files = append(files, o.ClientSecretFile, o.ClientCertificateKeyFile)
	}
	if c.HTTPHeaders != nil {
		for _, h := range c.HTTPHeaders.Headers {
			files = append(files, h.Files...)
		}
	}
	var named []string
	for _, file := range files {
		if file != "" {
			named = append(named, file)
		}
	}
	return named
}

// fingerprint tells whether one of the files has changed. What is in them cannot
// be had from it.
func fingerprint(files []string) string {
	if len(files) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, name := range files {
		content, err := os.ReadFile(name) //nolint:gosec // the configuration says which
		if err != nil {
			_, _ = io.WriteString(sum, "unreadable")
		}
		_, _ = fmt.Fprintf(sum, "%d:", len(content))
		_, _ = sum.Write(content)
		clear(content)
	}
	return string(sum.Sum(nil))
}
