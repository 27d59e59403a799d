package rest

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// After a user is rejected, no requests are sent as that user for loginWait. The wait doubles
// with each further rejection, up to loginWaitMax.
const (
	loginWait    = time.Minute
	loginWaitMax = 15 * time.Minute
)

// rejection is the latest in a series of rejections.
type rejection struct {
	answer  *APIError
	said    bool // at a level above debug
	until   time.Time
	wait    time.Duration
	secrets int // the version of what was rejected
}

// BlockedError says that a request was held back because GoldenGate, or the forward proxy,
// rejected the user.
type BlockedError struct {
	// Until is when requests are sent again.
	Until time.Time
	// Rejection is the answer that rejected the user.
	Rejection *APIError
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("held back until %s: %v", e.Until.UTC().Format(time.TimeOnly), e.Rejection)
}

// Unwrap returns the answer that rejected the user.
func (e *BlockedError) Unwrap() error { return e.Rejection }

// keeper decides how long a rejection is in force.
type keeper struct {
	now     func() time.Time
	log     *slog.Logger
	seldom  *wire.Seldom[string]
	whose   string // says which keeper it is, for seldom
	secrets *secrets
}

// secrets are the files that hold the secrets of a login. A rejection is about what they held when
// its request was sent, and not about what they hold by the time that it arrives: they may have changed
// in between, and the new secret is to be tried at once.
type secrets struct{ files []*file }

// version returns a number that grows when one of the files changes. It waits for them like file.content.
func (s *secrets) version(over <-chan struct{}, soon time.Duration) int {
	n := 0
	for _, f := range s.files {
		n += f.content(over, soon).version
	}
	return n
}

// expire has the files read again before they are used.
func (s *secrets) expire() {
	for _, f := range s.files {
		f.expire()
	}
}

// of returns the version of the files with which the request with the pass was sent, which has that of
// GoldenGate's user: a proxy's user is in the configuration itself.
func (s *secrets) of(p *pass) int {
	if s.files == nil {
		return 0
	}
	return p.sent
}

// may reports whether to say now, above level debug, what is said of all routes in one message.
func (k keeper) may(message string) bool { return k.seldom.May(k.whose + ": " + message) }

// blockedError returns a *BlockedError while the rejection is in force. Whoever has it guards it.
func (k keeper) blockedError(r *rejection) error {
	if !k.holds(r) {
		return nil
	}
	return &BlockedError{Until: r.until, Rejection: r.answer}
}

// holds reports whether the rejection is in force, which ends when a secret changes.
func (k keeper) holds(r *rejection) bool {
	if r == nil || !k.now().Before(r.until) {
		return false
	}
	if k.secrets.version(nil, fileAtOnce) != r.secrets {
		*r = rejection{}
		return false
	}
	return true
}

// reject starts or extends the time for which requests are held back, after the answer to one of
// them. Rejections of concurrent requests count as one.
func (k keeper) reject(r *rejection, p *pass, answer *APIError, message string) {
	now := k.now()
	if now.Before(r.until) {
		return
	}
	log := k.log.Warn
	if r.said || !k.may(message) {
		log = k.log.Debug
	} else {
		r.said = true
	}
	r.answer, r.secrets = answer, k.secrets.of(p)
	k.secrets.expire()
	r.wait = min(cmp.Or(2*r.wait, loginWait), loginWaitMax)
	r.until = now.Add(r.wait)
	if answer.Proxy != "" {
		log(message, "status", answer.StatusCode, "wait", r.wait, "err", answer)
		return
	}
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

// add adds the files of a login.
func (s *secrets) add(r *fileReader, c promconfig.HTTPClientConfig) {
	names := []string{c.BearerTokenFile, c.TLSConfig.CertFile, c.TLSConfig.KeyFile}
	if b := c.BasicAuth; b != nil {
		names = append(names, b.UsernameFile, b.PasswordFile)
	}
	if a := c.Authorization; a != nil {
		names = append(names, a.CredentialsFile)
	}
	if o := c.OAuth2; o != nil {
		names = append(names, o.ClientSecretFile, o.ClientCertificateKeyFile)
	}
	if c.HTTPHeaders != nil {
		for _, h := range c.HTTPHeaders.Headers {
			names = append(names, h.Files...)
		}
	}
	for _, name := range names {
		if name != "" {
			s.files = append(s.files, r.of(name))
		}
	}
}
