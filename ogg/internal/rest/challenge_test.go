package rest

import (
	"net/http"
	"testing"
)

// TestOffers checks that a challenge is understood in each legal spelling, and that the
// strongest one is chosen.
func TestOffers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers                 []string
		basic                   bool
		realm, nonce, algorithm string // of digest authentication; no nonce if there is none
	}{
		"usual":             {[]string{`Digest realm="a", nonce="n", qop="auth", algorithm=MD5`}, false, "a", "n", "MD5"},
		"two in one header": {[]string{`Basic realm="x", Digest realm="a", nonce="n", qop="auth"`}, true, "a", "n", ""},
		"digest first":      {[]string{`Digest realm="a", nonce="n", qop="auth", Basic realm="x"`}, true, "a", "n", ""},
		"two headers":       {[]string{`Basic realm="x"`, `Digest realm="a",nonce="n"`}, true, "a", "n", ""},
		"capitals":          {[]string{`DIGEST REALM="a", NONCE="n", QOP="AUTH", ALGORITHM="md5"`}, false, "a", "n", "md5"},
		"unquoted":          {[]string{`Digest realm=a, nonce=n, qop=auth`}, false, "a", "n", ""},
		"blanks":            {[]string{"Digest\trealm = \"a\" ,\t nonce= \"n\",qop=\"auth , auth-int\""}, false, "a", "n", ""},
		"commas in quotes":  {[]string{`Basic realm="x, Digest nonce=\"m\"", Digest realm="a, \"b\"", nonce="n==", qop="auth"`}, true, `a, "b"`, "n==", ""},
		"empty elements":    {[]string{`, ,Digest realm="a",,nonce="n",`}, false, "a", "n", ""},
		"three schemes":     {[]string{`Digest realm="a", nonce="1", qop="auth", algorithm=MD5, Digest realm="a", nonce="2", qop="auth", algorithm=SHA-256, Basic realm="a"`}, true, "a", "2", "SHA-256"},
		"the strongest":     {[]string{`Digest nonce="1", algorithm=SHA-256-sess, qop=auth`, `Digest nonce="2", algorithm=SHA-512-256, qop=auth`, `Digest nonce="3"`}, false, "", "2", "SHA-512-256"},
		"unknown algorithm": {[]string{`Digest realm="a", nonce="1", algorithm=SHA3`, `Digest realm="a", nonce="n"`}, false, "a", "n", ""},
		"unknown qop":       {[]string{`Digest realm="a", nonce="1", qop="auth-conf"`}, false, "", "", ""},
		"session, no qop":   {[]string{`Digest realm="a", nonce="1", algorithm=MD5-sess`}, false, "", "", ""},
		"no nonce":          {[]string{`Digest realm="a", Basic realm="x"`}, true, "", "", ""},
		"other schemes":     {[]string{`Negotiate, NTLM TlRMTVNTUAAC==, Bearer realm="x", error="invalid_token"`}, false, "", "", ""},
		"token and basic":   {[]string{`Negotiate abc==, Basic realm="x"`}, true, "", "", ""},
		"without end":       {[]string{`Digest realm="a", nonce="n`}, false, "a", "n", ""},
		"a lone backslash":  {[]string{`Digest realm="a\`}, false, "", "", ""},
		"nonsense":          {[]string{`=`, `,=,"`, ` `, `realm="a"`}, false, "", "", ""},
		"none":              {nil, false, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := offersIn(http.Header{"Www-Authenticate": c.headers})
			if got.basic != c.basic {
				t.Errorf("basic %v, want %v", got.basic, c.basic)
			}
			switch {
			case (got.digest == nil) != (c.nonce == ""):
				t.Errorf("digest: got %+v", got.digest)
			case got.digest != nil && (got.digest.Realm != c.realm || got.digest.Nonce != c.nonce || got.digest.Algorithm != c.algorithm):
				t.Errorf("digest: got %+v", got.digest.Challenge)
			}
		})
	}
}

func FuzzOffers(f *testing.F) {
	f.Add(`Basic realm="x", Digest realm="a\"", nonce="n", qop="auth,auth-int", algorithm=SHA-256-sess, stale=TRUE`)
	f.Add(`Negotiate abc==, Digest realm = a,nonce="n`)
	f.Fuzz(func(_ *testing.T, header string) {
		_ = offersIn(http.Header{"Www-Authenticate": {header}})
	})
}
