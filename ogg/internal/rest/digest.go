package rest

import (
	"crypto/fips140"
	"crypto/md5" //nolint:gosec // RFC 7616 includes it
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/icholy/digest"
)

// algorithm is an algorithm of digest authentication.
type algorithm struct {
	name string
	hash func() hash.Hash
}

// algorithms lists what can be computed, the strongest first.
var algorithms = []algorithm{
	{"SHA-512", sha512.New},
	{"SHA-512-256", sha512.New512_256},
	{"SHA-256", sha256.New},
	{"MD5", md5.New},
}

// rank returns the algorithm with that name, which may end in -sess, and its rank; -1 if there
// is none.
func rank(name string) (rank int, session bool) {
	name = strings.ToUpper(name)
	if name == "" {
		name = "MD5"
	}
	name, session = strings.CutSuffix(name, "-SESS")
	for i, a := range algorithms {
		if a.name == name {
			return i, session
		}
	}
	return -1, session
}

// isForbidden reports whether the algorithm must not be used: MD5 with GODEBUG=fips140=only,
// where using it would end the process.
func isForbidden(rank int) bool { return algorithms[rank].name == "MD5" && fips140.Enforced() }

// digestSession is a digest challenge and its use.
type digestSession struct {
	digest.Challenge

	rank    int
	session bool   // the algorithm ends in -sess
	cnonce  string // of all requests: -sess computes with the first
	count   atomic.Int64
}

// offers are the ways to log in that an answer offers.
type offers struct {
	digest    *digestSession // the strongest; nil if none can be used
	basic     bool
	forbidden bool // digest authentication with an algorithm that must not be used
}

// offersIn returns what the headers offer.
func offersIn(headers http.Header) offers {
	var o offers
	for _, c := range challengesIn(headers) {
		switch c.scheme {
		case "basic":
			o.basic = true
		case "digest":
			s := newDigestSession(c)
			switch {
			case s == nil:
			case isForbidden(s.rank):
				o.forbidden = true
			case o.digest == nil || s.rank < o.digest.rank:
				o.digest = s
			}
		}
	}
	return o
}

// newDigestSession returns the session that a challenge begins, nil if its algorithm or its
// quality of protection is unknown.
func newDigestSession(c challenge) *digestSession {
	best, session := rank(c.params["algorithm"])
	s := &digestSession{rank: best, session: session, cnonce: rand.Text(), Challenge: digest.Challenge{
		Realm: c.params["realm"], Nonce: c.params["nonce"], Opaque: c.params["opaque"], Algorithm: c.params["algorithm"],
		QOP: c.list("qop"), Stale: c.is("stale"), Userhash: c.is("userhash"),
	}}
	withQOP := s.SupportsQOP("auth") || s.SupportsQOP("auth-int")
	if best < 0 || s.Nonce == "" || !withQOP && (len(s.QOP) > 0 || session) {
		return nil
	}
	return s
}

// answer returns the value of Authorization for a request.
func (s *digestSession) answer(o digest.Options) (string, error) {
	plain := s.Challenge
	plain.Algorithm = algorithms[s.rank].name
	o.Cnonce, o.Count = s.cnonce, int(s.count.Add(1))
	if s.session {
		o.A1 = s.hash(s.hash(o.Username, s.Realm, o.Password), s.Nonce, s.cnonce)
	}
	credentials, err := digest.Digest(&plain, o)
	if err != nil {
		return "", err
	}
	credentials.Algorithm = s.Algorithm
	return credentials.String(), nil
}

// hash returns the hash of the parts, joined by colons.
func (s *digestSession) hash(parts ...string) string {
	h := algorithms[s.rank].hash()
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}
