package secret

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// repeats are the ways in which a server may repeat a text.
var repeats = map[string]func(string) string{
	"as it is":      func(s string) string { return s },
	"URL query":     url.QueryEscape,
	"URL path":      url.PathEscape,
	"URL, lower":    func(s string) string { return strings.ToLower(percent(s)) },
	"URL, all":      percent,
	"JSON":          func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"JSON, slashes": func(s string) string { b, _ := json.Marshal(s); return strings.ReplaceAll(string(b), "/", `\/`) },
	"JSON, all": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		return b.String()
	},
	"HTML":            html.EscapeString,
	"HTML, all":       func(s string) string { return entities(s, "&#%d;") },
	"HTML, hex":       func(s string) string { return entities(s, "&#x%x;") },
	"Go":              strconv.Quote,
	"Go, twice":       func(s string) string { return strconv.Quote(strconv.Quote(s)) },
	"Go, ASCII":       strconv.QuoteToASCII,
	"URL in JSON":     func(s string) string { b, _ := json.Marshal(percent(s)); return string(b) },
	"base64":          func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, URL":     func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 of more":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("monitor:" + s)) },
	"base64, shifted": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + ":yz")) },
	"base64 in a URL": func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("ab" + s))) },
}

func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

func entities(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

// TestRedact tries each secret in each form, alone, twice and cut off.
func TestRedact(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"hunter2", "S3cr3tPassw0rd-XYZZY", `p"a\s/s<w>o&r'd`, "pass word+%41", "two  spaces ", "Pässwörtchen", "a=b&c=d%", `Zebra/s3cr3t+"%41&x<&amp;\u0041`, "goldengate", "abc/defghi+j==", strings.Repeat("long", 500),
	} {
		var r Redactor
		r.Add(secret)
		for name, escape := range repeats {
			form := escape(secret)
			got := r.Redact("before " + form + " between " + form + " after")
			want := 2
			if strings.Count(got, Redacted) != want || !strings.HasPrefix(got, "before ") || !strings.Contains(got, " between ") || !strings.HasSuffix(got, " after") {
				t.Errorf("%.20q, %s: got %q", secret, name, got)
			}
		}
		if got := r.Redact(`"cut ` + secret[:len(secret)-1] + `…"`); got != `"cut `+Redacted+`…"` {
			t.Errorf("%.20q, cut: got %q", secret, got)
		}
		if got := r.Redact("ends with " + secret[:6]); got != "ends with "+Redacted {
			t.Errorf("%.20q, at the end: got %q", secret, got)
		}
		if text := "The user monitor is unknown & 50% of all \\ are < 3…"; r.Redact(text) != text {
			t.Errorf("%.20q: got %q", secret, r.Redact(text))
		}
	}
}

// TestRedactorKnows checks what a Redactor knows, and for how long.
func TestRedactorKnows(t *testing.T) {
	t.Parallel()
	var r Redactor
	if got := r.Redact("anything"); got != "anything" {
		t.Errorf("got %q", got)
	}
	r.Add("configured", "", "short", "no")
	r.NoteLogin("monitor", "secret-0")
	for i := range keptNoted {
		r.Note(fmt.Sprintf("token-%02d", i))
	}
	for text, want := range map[string]string{
		"configured":     Redacted,
		"secret-0":       "secret-0", // long ago
		"token-00":       Redacted,
		"token-15":       Redacted,
		"short and no":   "short and no",
		"token-1 is cut": "token-1 is cut",
		`Digest username="monitor", response="0123456789abcdef0123456789abcdef", nc=1`:     `Digest username="monitor", ` + Redacted + `", nc=1`,
		"token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl!":                         "token " + Redacted + "!",
		`Signature version="1",keyId="k",signature="` + strings.Repeat("Ab+/", 20) + `=="`: `Signature version="1",keyId="k",` + Redacted + `"`,
	} {
		if got := r.Redact(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if !r.HasShort("a short one") || r.HasShort("nothing of the kind: configured") {
		t.Error("wrong about short secrets")
	}
}

// TestDigestInBase64: the response of digest authentication is found in base64, wherever it begins there.
func TestDigestInBase64(t *testing.T) {
	t.Parallel()
	var r Redactor
	r.Add("configured")
	for before := range 3 {
		text := strings.Repeat("x", before) + `Digest username="monitor", cnonce="abc", response="0123456789abcdef0123456789abcdef", nc=1`
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
			coded := encoding.EncodeToString([]byte(text))
			got, _, _ := strings.Cut(r.Redact(coded), Redacted)
			if begin, _ := base64.RawStdEncoding.DecodeString(got[:len(got)/4*4]); strings.Contains(string(begin), "0123") || got == coded {
				t.Errorf("got %q", r.Redact(coded))
			}
			if !r.IsIn(coded) || !r.MayBeIn([]byte(coded)) {
				t.Errorf("%s: is in %v, may be in %v", coded, r.IsIn(coded), r.MayBeIn([]byte(coded)))
			}
		}
	}
}

// TestIsIn checks which secrets are looked for in names.
func TestIsIn(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]bool{
		"S3cr3t": true, "hunter2": true, "se-cret": true, "Secret": true,
		"goldengate": false, "GOLDENGATE": false, "123456": false, "S3cr3": false, "": false,
	} {
		var r Redactor
		r.Add(secret)
		r.AddValues("X1y2z3")
		if got := r.IsIn("X1y2z3"); got || r.Redact("X1y2z3") != Redacted {
			t.Error("wrong about values")
		}
		if got := r.IsIn("x" + secret + "x"); got != want || got && !r.MayBeIn([]byte(`{"a":"x`+secret+`x"}`)) {
			t.Errorf("%q: got %v", secret, got)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("hunter2", "a hunter%32…", 3)
	f.Add(`p"a\s`, `\u0070\"a\\s`, 0)
	f.Add("abcdef", "&#97;&amp;\\ud83d\\ude42", 1)
	f.Fuzz(func(t *testing.T, secret, text string, at int) {
		if at < 0 || at > len(text) || len(secret) < leastLength {
			return
		}
		var r Redactor
		r.Add(secret)
		got := r.Redact(text[:at] + secret + text[at:])
		for part := range strings.SplitSeq(got, Redacted) {
			if strings.Contains(part, secret) {
				t.Errorf("%q in %q: got %q", secret, text, got)
			}
		}
	})
}

// TestIsInEscaped checks that no escaping keeps a secret from being found in a name.
func TestIsInEscaped(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"S3cr3tPassw0rd-XYZZY", `Zebra/s3cr3t+"%41&x<`, "abc/defghi+j=="} {
		var r Redactor
		r.Add(secret, "monitor:"+secret)
		for name, repeat := range repeats {
			text := "a " + repeat(secret) + " b"
			document, _ := json.Marshal(text)
			isWhole := slices.Contains([]string{"URL, lower", "URL, all", "URL in JSON", "JSON, all", "HTML, all", "HTML, hex"}, name)
			if !r.IsIn(text) || !isWhole && !r.MayBeIn(document) {
				t.Errorf("%q, %s: is in %v, may be in %v", secret, name, r.IsIn(text), r.MayBeIn(document))
			}
		}
		if r.IsIn("a " + secret[:7]) {
			t.Errorf("the beginning of %q", secret)
		}
	}
}

// BenchmarkMayBeIn is what a secret costs each answer.
func BenchmarkMayBeIn(b *testing.B) {
	var r Redactor
	r.Add("S3cr3tPassw0rd-XYZZY", "monitor:S3cr3tPassw0rd-XYZZY")
	document := []byte(`{"response":{"items":[` + strings.Repeat(`{"name":"EXT1234","status":"running","lag":12345},`, 1000) + `{}]}}`)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		if r.MayBeIn(document) {
			b.Fatal("found")
		}
	}
}
