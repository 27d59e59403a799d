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

// After a service rejects the user, no requests are sent to it for loginWait. The wait
// doubles with each further rejection, up to loginWaitMax.
const (
	loginWait    = time.Minute
	loginWaitMax = 15 * time.Minute
)

// login tracks whether a service accepts the user. A rejected user is not retried at every
// scrape, because repeated failed logins may lock the account.
//
// It is not known for every release whether a wrong password gets 401 or 403. A 403 may also
// mean that the user's role may not read one route. It counts as a rejection of the user when
// the service sends two without a success in between.
type login struct {
	now     func() time.Time
	log     *slog.Logger
	secrets []string // files

	proven bool                  // the service accepted the user
	doubts int                   // 403s since then
	user   rejection             // of the user
	routes map[string]*rejection // of the user's role, by route
}

// rejection is the latest in a series of rejections.
type rejection struct {
	answer  *APIError
	until   time.Time
	wait    time.Duration
	secrets string // fingerprint of the files at the time
}

// BlockedError says that a request was held back because GoldenGate rejected the user.
type BlockedError struct {
	// Until is when requests are sent again.
	Until time.Time
	// Rejection is GoldenGate's answer.
	Rejection *APIError
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("held back until %s: %v", e.Until.UTC().Format(time.TimeOnly), e.Rejection)
}

// Unwrap returns GoldenGate's answer.
func (e *BlockedError) Unwrap() error { return e.Rejection }

// holdBack returns a *BlockedError if a request for the route must be held back.
func (l *login) holdBack(route string) error {
	for _, r := range []*rejection{&l.user, l.routes[route]} {
		if l.holds(r) {
			return &BlockedError{Until: r.until, Rejection: r.answer}
		}
	}
	return nil
}

// holds reports whether the rejection is in force, which ends when a secret changes.
func (l *login) holds(r *rejection) bool {
	if r == nil || !l.now().Before(r.until) {
		return false
	}
	if fingerprint(l.secrets) != r.secrets {
		*r = rejection{}
		return false
	}
	return true
}

// blocked reports whether anything is held back.
func (l *login) blocked() bool {
	if l.holds(&l.user) {
		return true
	}
	for _, r := range l.routes {
		if l.holds(r) {
			return true
		}
	}
	return false
}

// note takes an answer into account; api is nil on success.
func (l *login) note(route string, api *APIError) {
	status := http.StatusOK
	if api != nil {
		status = api.StatusCode
	}
	switch {
	case status == http.StatusForbidden:
		l.doubts++
		if l.proven || l.doubts < 2 {
			l.reject(l.of(route), api, roleRejected)
			return
		}
		l.reject(&l.user, api, userRejected)
	case status == http.StatusUnauthorized:
		l.proven = false
		l.reject(&l.user, api, userRejected)
	case status < http.StatusInternalServerError && route != openRoute:
		if l.user.answer != nil {
			l.log.Info("GoldenGate accepts the user again")
		}
		l.proven, l.doubts, l.user = true, 0, rejection{}
		delete(l.routes, route)
	}
}

// of returns the rejection of a route.
func (l *login) of(route string) *rejection {
	if l.routes == nil {
		l.routes = map[string]*rejection{}
	}
	if l.routes[route] == nil {
		l.routes[route] = &rejection{}
	}
	return l.routes[route]
}

// openRoute needs no login, so its answer says nothing about the user.
const openRoute = "/config/health/check"

// What reject logs.
const (
	userRejected = "GoldenGate rejected the user, holding back requests"
	roleRejected = "GoldenGate rejected the user's role, holding back requests"
)

// reject starts or extends the time for which requests are held back. Rejections of
// concurrent requests count as one.
func (l *login) reject(r *rejection, answer *APIError, message string) {
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
	log(message, "status", answer.StatusCode, "code", answer.Code,
		"role_needed", leastRole(answer.URL), "wait", r.wait, "err", answer)
}

// leastRole returns the role that a user needs to read a URL, according to Oracle's
// documentation.
func leastRole(url string) string {
	if strings.Contains(url, "/certificates") {
		return "Administrator"
	}
	return "User"
}

// secretFiles returns the files that hold the secrets of a login.
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

// fingerprint returns a hash that changes when one of the files does.
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
