package oggtest

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // RFC 7616 has it
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Auth is how clients log in to the services (config.authorizationDetails.common.allow).
type Auth int

// The ways to log in. Any other is rejected with 401.
const (
	AuthBasic       Auth = iota // HTTP Basic
	AuthDigest                  // HTTP Digest (RFC 7616, qop=auth), in GoldenGate since 19.1
	AuthBasicDigest             // offers both, Digest first
	AuthBearer                  // a fixed bearer token, as with an identity provider since 23ai
)

// Role is the role of an account. Each role includes those before it.
type Role string

// The roles, from least to most privileged.
const (
	RoleUser          Role = "User"
	RoleOperator      Role = "Operator"
	RoleAdministrator Role = "Administrator"
	RoleSecurity      Role = "Security"
)

// permits reports whether an account with role r may do what requires role need.
func (r Role) permits(need Role) bool {
	roles := []Role{RoleUser, RoleOperator, RoleAdministrator, RoleSecurity}
	return slices.Index(roles, r) >= slices.Index(roles, need)
}

const (
	realm    = "Oracle GoldenGate"
	nonceAge = 10 * time.Minute
)

// login is the outcome of verifying a request's Authorization header.
type login struct {
	scheme, user     string
	malformed, stale bool
	valid            bool
}

// account is a deployment's own user.
type account struct{ user, password, token string }

// login verifies a request's credentials against a deployment's account.
func (s *Server) login(r *http.Request, a account) login {
	header := r.Header.Get("Authorization")
	scheme, rest, found := strings.Cut(header, " ")
	switch {
	case header == "":
		return login{}
	case strings.EqualFold(scheme, "Basic") && found:
		return s.basic(r, a)
	case strings.EqualFold(scheme, "Bearer") && found:
		return login{scheme: "Bearer", valid: s.spec.Auth == AuthBearer && same(rest, a.token)}
	case strings.EqualFold(scheme, "Digest") && found:
		return s.digest(r, rest, a)
	}
	return login{scheme: scheme, malformed: true}
}

func (s *Server) basic(r *http.Request, a account) login {
	user, password, ok := r.BasicAuth()
	if !ok {
		return login{scheme: "Basic", malformed: true}
	}
	offered := s.spec.Auth == AuthBasic || s.spec.Auth == AuthBasicDigest
	return login{scheme: "Basic", user: user, valid: offered && same(user, a.user) && same(password, a.password)}
}

func (s *Server) digest(r *http.Request, params string, a account) login {
	p, ok := parseDigest(params)
	if !ok {
		return login{scheme: "Digest", malformed: true}
	}
	l := login{scheme: "Digest", user: p["username"]}
	offered := s.spec.Auth == AuthDigest || s.spec.Auth == AuthBasicDigest
	if p["algorithm"] == "" {
		p["algorithm"] = "MD5"
	}
	offered = offered && slices.Contains(s.spec.DigestAlgorithms, p["algorithm"])
	if !offered || p["realm"] != realm || p["uri"] != r.RequestURI || !same(l.user, a.user) {
		return l
	}
	if !same(p["response"], digestResponse(p, r.Method, a.password)) {
		return l
	}
	l.stale = !s.nonces.fresh(p["nonce"])
	l.valid = !l.stale
	return l
}

// challenges returns the values of the WWW-Authenticate header.
func (s *Server) challenges(stale bool) []string {
	var c []string
	if s.spec.Auth == AuthDigest || s.spec.Auth == AuthBasicDigest {
		for _, algorithm := range s.spec.DigestAlgorithms {
			challenge := fmt.Sprintf(`Digest realm=%q, qop="auth", algorithm=%s, nonce=%q, opaque=%q`,
				realm, algorithm, s.nonces.next(), identifier("opaque"))
			if stale {
				challenge += ", stale=true"
			}
			c = append(c, challenge)
		}
	}
	if s.spec.Auth == AuthBasic || s.spec.Auth == AuthBasicDigest {
		c = append(c, fmt.Sprintf("Basic realm=%q", realm))
	}
	if s.spec.Auth == AuthBearer {
		c = append(c, fmt.Sprintf("Bearer realm=%q", realm))
	}
	return c
}

// digestResponse returns the response that RFC 7616 section 3.4.1 requires from a client that knows
// the password and sent the parameters p.
func digestResponse(p map[string]string, method, password string) string {
	algorithm, session := strings.CutSuffix(p["algorithm"], "-sess")
	h := func(parts ...string) string { return hashed(algorithm, strings.Join(parts, ":")) }
	a1 := h(p["username"], p["realm"], password)
	if session {
		a1 = h(a1, p["nonce"], p["cnonce"])
	}
	return h(a1, p["nonce"], p["nc"], p["cnonce"], p["qop"], h(method, p["uri"]))
}

func hashed(algorithm, s string) string {
	if algorithm == "SHA-256" {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	sum := md5.Sum([]byte(s)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// parseDigest parses the parameters of a Digest header. It reports false if one that qop=auth
// requires is missing or malformed.
func parseDigest(s string) (map[string]string, bool) {
	p := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			return nil, false
		}
		var value string
		if value, s, ok = digestValue(rest); !ok {
			return nil, false
		}
		p[strings.ToLower(strings.TrimSpace(name))] = value
	}
	for _, name := range []string{"username", "realm", "nonce", "uri", "response", "cnonce"} {
		if p[name] == "" {
			return nil, false
		}
	}
	return p, p["qop"] == "auth" && len(p["nc"]) == 8
}

// digestValue splits off one value, quoted or not, and returns what follows its comma.
func digestValue(s string) (value, rest string, ok bool) {
	s = strings.TrimLeft(s, " ")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ",")
		return strings.TrimSpace(value), strings.TrimLeft(rest, " "), true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), strings.TrimLeft(s[i+1:], ", "), true
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// nonces issues nonces and recognizes them again without storing them.
type nonces struct {
	clock Clock
	key   [32]byte
}

func newNonces(c Clock) *nonces {
	n := &nonces{clock: c}
	_, _ = rand.Read(n.key[:]) // never fails
	return n
}

// next returns a nonce: the time, random bytes and a MAC of both.
func (n *nonces) next() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(n.clock.Now().UnixNano()))
	_, _ = rand.Read(b[8:])
	return base64.RawURLEncoding.EncodeToString(append(b[:], n.seal(b[:])...))
}

func (n *nonces) seal(b []byte) []byte {
	m := hmac.New(sha256.New, n.key[:])
	m.Write(b)
	return m.Sum(nil)[:16]
}

// fresh reports whether n issued the nonce and it has not expired.
func (n *nonces) fresh(nonce string) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 32 || !hmac.Equal(b[16:], n.seal(b[:16])) {
		return false
	}
	given := time.Unix(0, int64(binary.BigEndian.Uint64(b))) //nolint:gosec // as written by next
	return n.clock.Now().Sub(given) <= nonceAge
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
