package server_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// echo is a GoldenGate, a forward proxy and an authorization server that repeats what it is asked
// with: headers, query, form and, decoded, the password.
type echo struct {
	*httptest.Server

	mu      sync.Mutex
	way     string   // where it repeats that
	digest  bool     // whether it asks for digest authentication
	refuses bool     // it issues no token
	extra   string   // repeated, too
	seen    []string // secrets that it was sent
	count   int
}

// forms are the forms in which it repeats something, one after the other.
var forms = []func(string) string{
	func(s string) string { return s },
	url.QueryEscape,
	url.PathEscape,
	html.EscapeString,
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s)) },
	func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s + "yz")) },
	strconv.Quote,
	func(s string) string { b, _ := json.Marshal(s); return string(b) },
}

// ways are where it repeats something, with the name for it among ways: what it answers.
var ways = map[string]func(w http.ResponseWriter, what string){
	"title":     func(w http.ResponseWriter, what string) { messages(w, "OGG-1", what) },
	"code":      func(w http.ResponseWriter, what string) { messages(w, what, "bad") },
	"cut title": func(w http.ResponseWriter, what string) { messages(w, "OGG-1", strings.Repeat("x", 280)+what) },
	"text":      func(w http.ResponseWriter, what string) { failed(w, what) },
	"page":      func(w http.ResponseWriter, what string) { failed(w, "<html><title>"+what+"</title>") },
	"good page": func(w http.ResponseWriter, what string) { _, _ = io.WriteString(w, "<html><title>"+what+"</title>") },
	"envelope": func(w http.ResponseWriter, what string) {
		_, _ = fmt.Fprintf(w, `{"messages":[{"title":%s}]}`, quoted(what))
	},
	"odd value": func(w http.ResponseWriter, what string) {
		respond(w, `{"healthy":%[1]s,"build":%[1]s,"items":%[1]s}`, what)
	},
	"odd sibling": func(w http.ResponseWriter, what string) { respond(w, `{"items":[{"name":%s,"status":{}}]}`, what) },
	"name": func(w http.ResponseWriter, what string) {
		respond(w, `{"items":[{"name":%s,"status":"running"}]}`, what)
	},
	"no JSON":  func(w http.ResponseWriter, what string) { _, _ = io.WriteString(w, "{"+what) },
	"encoding": func(w http.ResponseWriter, what string) { w.Header().Set("Content-Encoding", what) },
	"location": func(w http.ResponseWriter, what string) {
		w.Header().Set("Location", "/"+what)
		w.WriteHeader(http.StatusFound)
	},
	"location elsewhere": func(w http.ResponseWriter, what string) {
		w.Header().Set("Location", "http://"+what+".example/"+what)
		w.WriteHeader(http.StatusFound)
	},
	"broken location": func(w http.ResponseWriter, what string) {
		w.Header().Set("Location", "http://[::1/%zz"+what)
		w.WriteHeader(http.StatusFound)
	},
	"status line":   func(w http.ResponseWriter, what string) { raw(w, "HTTP/1.1 500 "+what+"\r\nContent-Length: 0\r\n\r\n") },
	"no status":     func(w http.ResponseWriter, what string) { raw(w, "HTTP/1.1 "+what+"\r\n\r\n") },
	"no HTTP":       func(w http.ResponseWriter, what string) { raw(w, what+"\r\n") },
	"broken header": func(w http.ResponseWriter, what string) { raw(w, "HTTP/1.1 200 OK\r\n"+what+"\r\n\r\n") },
	"length": func(w http.ResponseWriter, what string) {
		raw(w, "HTTP/1.1 200 OK\r\nContent-Length: "+what+"\r\n\r\n")
	},
	"refusal": func(w http.ResponseWriter, what string) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, what)
	},
}

func messages(w http.ResponseWriter, code, title string) {
	failed(w, fmt.Sprintf(`{"messages":[{"code":%s,"title":%s,"severity":"ERROR"},{"title":%s,"severity":"ERROR"}]}`, quoted(code), quoted(title), quoted("too: "+title)))
}

func failed(w http.ResponseWriter, body string) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, body)
}

func respond(w http.ResponseWriter, response, what string) {
	_, _ = fmt.Fprintf(w, `{"response":`+response+`}`, quoted(what))
}

func raw(w http.ResponseWriter, answer string) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_, _ = io.WriteString(c, answer)
		_ = c.Close()
	}
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// ServeHTTP implements http.Handler.
func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count++
	what := e.told(r)
	authorization := r.Header.Get("Authorization")
	switch {
	case r.URL.Path == "/token" && !e.refuses:
		token := fmt.Sprintf("Op4que-%08d", e.count)
		e.seen = append(e.seen, token)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":1}`, token)
	case r.URL.Path == "/token":
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":%s}`, quoted(what))
	case e.digest && authorization == "":
		w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256`)
		w.WriteHeader(http.StatusUnauthorized)
	case strings.HasSuffix(r.URL.Path, "/installation/deployments") && e.way != "name":
		respond(w, `{"deployments":[{"deploymentName":"ServiceManager"},{"deploymentName":"north","status":"running"}]}%.0s`, "")
	case strings.HasSuffix(r.URL.Path, "/installation/services") && e.way != "name":
		respond(w, `{"services":[{"serviceName":"ServiceManager","deploymentName":"ServiceManager","status":"running"},{"serviceName":"adminsrvr","deploymentName":"north","status":"running"}]}%.0s`, "")
	case strings.HasSuffix(r.URL.Path, "/installation/deployments"):
		respond(w, `{"deployments":[{"deploymentName":"ServiceManager"},{"deploymentName":%s,"status":"running"}]}`, what)
	default:
		ways[e.way](w, what)
	}
}

// told returns what it repeats of a request, in the next form.
func (e *echo) told(r *http.Request) string {
	said := []string{e.extra, r.URL.RawQuery}
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		said = append(said, string(body))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			_, coded, _ := strings.Cut(value, " ")
			plain, _ := base64.StdEncoding.DecodeString(coded)
			if _, password, is := strings.Cut(string(plain), ":"); is {
				said = append(said, password)
			}
			if response := regexp.MustCompile(`response="(\w+)"`).FindStringSubmatch(value); response != nil {
				e.seen = append(e.seen, response[1])
			}
			if !slices.Contains([]string{"Accept", "Accept-Encoding", "User-Agent", "Content-Type", "Content-Length", "Connection"}, name) {
				said = append(said, value)
			}
		}
	}
	said = slices.DeleteFunc(said, func(s string) bool { return s == "" })
	if len(said) == 0 {
		return "nothing"
	}
	return forms[e.count%len(forms)](said[e.count/len(forms)%len(said)])
}

// TestNothingEchoed lets a server repeat the secrets of each kind of login in each way, and checks
// that they occur nowhere.
func TestNothingEchoed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secrets := []string{"S3cr3tPassw0rd-XYZZY", `Zebra/s3cr3t+"%41&x<`}
	if bubble.UnderRace {
		t.Log("one secret only, because of the race detector")
		secrets = secrets[1:]
	}
	for i, plain := range secrets {
		file := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(file, []byte(plain+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			login  func(e *echo) promconfig.HTTPClientConfig
			digest bool
		}{
			"basic": {login: func(*echo) promconfig.HTTPClientConfig {
				return promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "monitor", Password: promconfig.Secret(plain)}}
			}},
			"basic from a file": {login: func(*echo) promconfig.HTTPClientConfig {
				return promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "monitor", PasswordFile: file}}
			}},
			"digest": {digest: true, login: func(*echo) promconfig.HTTPClientConfig {
				return promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "monitor", PasswordFile: file}}
			}},
			"bearer": {login: func(*echo) promconfig.HTTPClientConfig {
				return promconfig.HTTPClientConfig{Authorization: &promconfig.Authorization{Type: "Bearer", Credentials: promconfig.Secret(plain)}}
			}},
			"bearer from a file": {login: func(*echo) promconfig.HTTPClientConfig {
				return promconfig.HTTPClientConfig{Authorization: &promconfig.Authorization{Type: "Bearer", CredentialsFile: file}}
			}},
			"headers": {login: func(*echo) promconfig.HTTPClientConfig {
				return promconfig.HTTPClientConfig{HTTPHeaders: &promconfig.Headers{Headers: map[string]promconfig.Header{
					"X-Key": {Secrets: []promconfig.Secret{promconfig.Secret(plain)}, Files: []string{file}, Values: []string{plain}},
				}}}
			}},
			"proxy": {login: func(e *echo) promconfig.HTTPClientConfig {
				u, _ := url.Parse(e.URL)
				u.User = url.UserPassword("monitor", plain)
				return promconfig.HTTPClientConfig{ProxyConfig: promconfig.ProxyConfig{
					ProxyURL: promconfig.URL{URL: u}, ProxyConnectHeader: promconfig.ProxyHeader{"X-Key": {promconfig.Secret(plain)}},
				}}
			}},
			"token": {login: func(e *echo) promconfig.HTTPClientConfig {
				return promconfig.HTTPClientConfig{OAuth2: &promconfig.OAuth2{ClientID: "monitor", ClientSecret: promconfig.Secret(plain), TokenURL: e.URL + "/token"}}
			}},
			"no token": {login: func(e *echo) promconfig.HTTPClientConfig {
				e.refuses = true
				return promconfig.HTTPClientConfig{OAuth2: &promconfig.OAuth2{
					ClientID: "monitor", ClientSecretFile: file, TokenURL: e.URL + "/token", EndpointParams: map[string]string{"assertion": plain, "scope": "read"},
				}}
			}},
		} {
			t.Run(name+" "+strconv.Itoa(i), func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) { echoed(t, plain, c.digest, c.login) })
			})
		}
	}
}

// echoed polls a server that repeats secrets in each way.
func echoed(t *bubble.T, plain string, digest bool, login func(*echo) promconfig.HTTPClientConfig) {
	t.Helper()
	gg := &echo{digest: digest}
	gg.Server = &httptest.Server{Listener: bubble.Listen(t), Config: &http.Server{Handler: gg}}
	gg.Start()
	defer gg.Close()
	base, err := url.Parse(gg.URL)
	if err != nil {
		t.Fatal(err)
	}
	sm := config.ServiceManager{
		Name: "gg", URL: base, ReverseProxy: true, APIVersion: "v2", Timeout: 2 * time.Second, MaxConcurrentRequests: 5, HTTPClient: login(gg),
	}
	sm.HTTPClient.FollowRedirects = true
	var log locked
	e := newExporterWith(t, &log, server.Options{EnableDebug: true}, sm)
	defer e.close()
	e.configure(sm)
	shown := 0
	for _, way := range slices.Sorted(maps.Keys(ways)) {
		gg.mu.Lock()
		gg.way = way
		gg.mu.Unlock()
		for _, page := range []string{"/probe?target=gg", "/metrics", "/", "/api/status.json", "/sd", "/probe?target=gg&debug=1"} {
			_, text := e.get(t, page)
			hide(t, gg, way+": "+page, text, plain)
			shown += strings.Count(html.UnescapeString(text), "<secret>")
		}
		time.Sleep(20 * time.Minute) // what a rejection holds back is asked again
	}
	_, _, text := e.ask(t, http.MethodPost, "/-/reload")
	hide(t, gg, "reload", text, plain)
	hide(t, gg, "log", log.String(), plain)
	if n := strings.Count(log.String(), "<secret>"); (n < 5 || shown < 5) && !gg.refuses { // of the answer to a request for a token nothing is shown
		t.Errorf("only %d places in the log and %d on the pages show that there was a secret", n, shown)
	}
}

// hide checks that a text has no secret in any form.
func hide(t testing.TB, gg *echo, where, text, plain string) {
	t.Helper()
	gg.mu.Lock()
	hidden := append([]string{plain}, gg.seen...)
	gg.mu.Unlock()
	for _, secret := range hidden {
		for coded := range codings(secret) {
			if !strings.Contains(text, coded[:min(len(coded), 32)]) { // a short text is found much sooner
				continue
			}
			if at := strings.Index(text, coded); at >= 0 {
				t.Errorf("%s shows %q: …%s", where, coded, text[max(0, at-200):min(len(text), at+100)])
				return
			}
		}
	}
}

// codings returns a secret in all forms, of which many do not differ: a text is searched once for each. Whatever is
// before a secret and behind it in base64, its bytes from the first, second or third on are there, three by three.
func codings(secret string) map[string]bool {
	coded := map[string]bool{}
	for _, form := range forms {
		coded[strings.Trim(form(secret), `"=`)] = true
	}
	for skipped := range 3 {
		whole := []byte(secret[skipped : len(secret)-(len(secret)-skipped)%3])
		coded[base64.StdEncoding.EncodeToString(whole)] = true
		coded[base64.URLEncoding.EncodeToString(whole)] = true
	}
	return coded
}

// hostile are texts that look like something else on a line, a page or a terminal.
var hostile = []string{
	"x\nlevel=error msg=\"FORGED LINE\"\r\n", "\x1b[31mANSI\x1b[0m", "\u202eoverride\u2066", "\u2028line\u2029", "zero\u200bwidth\ufeff",
	"nul\x00bell\x07", "\xff\xfe\xc3(", "<script>alert(1)</script>", "\u0085\u009b", strings.Repeat("é", 100_000), strings.Repeat("\x1b", 1000), `a"b\c`,
}

// TestHostileTexts sends each hostile text in each way, and checks that pages and log lines are short
// and clean.
func TestHostileTexts(t *testing.T) {
	for i, text := range hostile {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) { told(t, text) })
		})
	}
}

func told(t testing.TB, hostile string) {
	t.Helper()
	gg := &echo{extra: hostile}
	gg.Server = &httptest.Server{Listener: bubble.Listen(t), Config: &http.Server{Handler: gg}}
	gg.Start()
	defer gg.Close()
	base, _ := url.Parse(gg.URL)
	var log locked
	e := newExporterWith(t, &log, server.Options{EnableDebug: true}, config.ServiceManager{
		Name: "gg", URL: base, ReverseProxy: true, APIVersion: "v2", Timeout: 2 * time.Second, MaxConcurrentRequests: 5,
		HTTPClient: promconfig.HTTPClientConfig{FollowRedirects: true},
	})
	defer e.close()
	for _, way := range slices.Sorted(maps.Keys(ways)) {
		gg.mu.Lock()
		gg.way = way
		gg.mu.Unlock()
		for _, page := range []string{"/probe?target=gg&debug=1", "/"} {
			_, text := e.get(t, page)
			text, _, _ = strings.Cut(text, "\nsamples\n")
			clean(t, way+": "+page, text)
		}
		time.Sleep(20 * time.Minute)
	}
	e.setLoad(func() (*config.Config, error) {
		return nil, fmt.Errorf("bad.yml:1: %s\nbad.yml:2: %s", hostile, hostile)
	})
	_, _, answer := e.ask(t, http.MethodPost, "/-/reload")
	clean(t, "reload", answer)
	_, page := e.get(t, "/")
	clean(t, "reload: /", page)
	clean(t, "log", log.String())
}

// clean checks the lines of a text.
func clean(t testing.TB, where, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if len(line) > 8000 || strings.ContainsAny(line, "\x1b\u202e\u2066\u2028\u2029\u200b\ufeff\x00\x07\r\u0085\u009b") || strings.HasPrefix(line, "level=") && !strings.HasPrefix(where, "reload") ||
			strings.Contains(line, "<script>alert") && strings.HasSuffix(where, "/") {
			t.Errorf("%s has a line of %d bytes: %.300q", where, len(line), line)
			return
		}
	}
}

// TestLogIsBounded scrapes 1,000 times a server whose errors, names and remarks are others each time.
func TestLogIsBounded(t *testing.T) {
	scrapes := 1000
	if bubble.UnderRace {
		t.Log("100 scrapes only, because of the race detector")
		scrapes = 100
	}
	for way, most := range map[string]int{"title": 60, "name": 200, "odd value": 60} {
		t.Run(way, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				gg := &echo{way: way}
				gg.Server = &httptest.Server{Listener: bubble.Listen(t), Config: &http.Server{Handler: gg}}
				gg.Start()
				defer gg.Close()
				base, _ := url.Parse(gg.URL)
				var log locked
				e := newExporterWith(t, &log, server.Options{}, config.ServiceManager{
					Name: "gg", URL: base, ReverseProxy: true, APIVersion: "v2", Timeout: 2 * time.Second, MaxConcurrentRequests: 5,
				})
				defer e.close()
				for i := range scrapes {
					gg.mu.Lock()
					gg.extra = strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprintf("%04d%d", i, i))
					gg.mu.Unlock()
					e.scrape(t, "3")
					time.Sleep(3 * time.Second) // 50 minutes in all
				}
				lines := 0
				for line := range strings.Lines(log.String()) {
					if !strings.Contains(line, "level=DEBUG") {
						lines++
					}
				}
				if lines > most || lines == 0 {
					t.Errorf("%d lines, such as\n%s", lines, cmp.Or(log.String()[:min(log.Len(), 3000)], "none"))
				}
			})
		})
	}
}
