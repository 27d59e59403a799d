package rest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/secret"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// processStatus is a typical response.
type processStatus struct {
	Status      string         `json:"status"`
	Lag         wire.Number    `json:"lag"`
	LastStarted wire.Timestamp `json:"lastStarted"`
}

const envelopeURL = "http://gg:9012/services/v2/replicats/REP1/info/status"

func TestDecode(t *testing.T) {
	for name, body := range map[string]string{
		"whole":              `{"$schema":"api:standardResponse","links":[],"messages":[],"response":{"$schema":"ogg:replicatStatus","status":"running","lag":2}}`,
		"response alone":     `{"response":{"status":"running","lag":2}}`,
		"informational":      `{"messages":[{"code":"OGG-00975","severity":"INFO","title":"x"}],"response":{"status":"running","lag":"2"}}`,
		"unknown members":    `{"new":{"a":[1]},"response":{"status":"running","lag":2e0,"other":{"b":null}}}`,
		"malformed messages": `{"messages":"none","response":{"status":"running","lag":2}}`,
		"space around":       "\n  {\"response\":{\"status\":\"running\",\"lag\":2}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode[processStatus](envelopeURL, []byte(body))
			if err != nil || got.Status != "running" || got.Lag != wire.NumberOf(2) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestDecodeFails(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"empty":         {"", "got an empty body"},
		"blank":         {" \n", "got an empty body"},
		"HTML":          {"<html><head><title>Sign\n in</title></head></html>", `got an HTML page ("Sign in")`},
		"text":          {"Forbidden", "got a body that is not JSON"},
		"cut off":       {`{"response":{"status":"runn`, "got truncated JSON"},
		"no response":   {`{"links":[],"messages":[]}`, "got an envelope without a response"},
		"null response": {`{"response":null}`, "got an envelope without a response"},
		"no data":       {`{"messages":[{"code":"OGG-25166","title":"No open transactions","severity":"INFO"}]}`, `without a response (OGG-25166 "No open transactions")`},
		"array":         {`[]`, "got JSON of the wrong type"},
		"wrong type":    {`{"response":[1]}`, "got JSON of the wrong type"},
		"empty objects": {`{"response":[` + strings.Repeat("{},", 2000) + `{}]}`, "got a body of 6017 bytes with 2002 objects"},
		"many objects":  {`{"response":[` + strings.Repeat(`{"name":"a","status":"running"},`, 100_000) + `{}]}`, "with 100002 objects"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode[processStatus](envelopeURL, []byte(c.body))
			var body *BodyError
			if !errors.As(err, &body) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "GET "+envelopeURL+": ") {
				t.Errorf("%v does not name the request", err)
			}
		})
	}
}

// TestDecodeOdd checks that a member of an unexpected form costs only itself.
func TestDecodeOdd(t *testing.T) {
	for body, want := range map[string]string{
		`{"response":{"status":"running","lag":true}}`:           "lag is true",
		`{"response":{"status":"running","lastStarted":"soon"}}`: `lastStarted is "soon"`,
	} {
		got, err := Decode[processStatus](envelopeURL, []byte(body))
		if got.Status != "running" || !IsOdd(err) || err.Error() != "GET "+envelopeURL+": an unexpected value: "+want {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
		if isConnectionError(err) {
			t.Errorf("%s: taken for a failure of the connection", body)
		}
	}
}

func TestAPIError(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body, want string
	}{
		"GoldenGate's": {
			404, `{"links":[],"messages":[{"$schema":"ogg:message","title":"The requested resource does not exist.","code":"OGG-12031","severity":"ERROR"}]}`,
			`404 Not Found: OGG-12031 "The requested resource does not exist."`,
		},
		"the error among others": {
			503, `{"messages":[{"code":"OGG-1","severity":"INFO"},{"title":"The service is restarting, and the request cannot be processed.","code":"OGG-12043","severity":"ERROR"}],"response":{}}`,
			`503 Service Unavailable: OGG-12043 "The service is restarting, and the request cannot be processed."`,
		},
		"NGINX": {502, "<html><head><title>502 Bad Gateway</title></head>", `502 Bad Gateway "502 Bad Gateway"`},
		"all errors": {
			400, `{"messages":[{"code":"OGG-1","title":"a","severity":"ERROR"},{"code":"OGG-2","title":"b","severity":"WARNING"},{"code":"OGG-3","title":"c","severity":"ERROR"},{"code":"OGG-1","title":"a","severity":"ERROR"}]}`,
			`400 Bad Request: OGG-1 "a"; OGG-3 "c"`,
		},
		"too many errors": {
			400, `{"messages":[` + strings.Join(slices.Collect(errorMessages(9)), ",") + `]}`,
			`400 Bad Request: OGG-1 "a"; OGG-2 "a"; OGG-3 "a"; OGG-4 "a"; OGG-5 "a"; and 4 more`,
		},
		"long message": {
			400, `{"messages":[{"code":"OGG-1","title":"` + strings.Repeat("é", 300) + `","severity":"ERROR"}]}`,
			`400 Bad Request: OGG-1 "` + strings.Repeat("é", 148) + `…"`,
		},
		"text":             {403, "Access denied\r\n by the\x1b[31m proxy\x00.\n", `403 Forbidden "Access denied by the\\x1b[31m proxy\\x00."`},
		"long text":        {500, strings.Repeat("0123456789", 100_000), `500 Internal Server Error "` + strings.Repeat("0123456789", 29) + `0123456…"`},
		"no UTF-8":         {500, "\xff\xfe\x00a", `500 Internal Server Error "\\xff\\xfe\\x00a"`},
		"HTML, no title":   {500, "<h1>Oops</h1>", `500 Internal Server Error "<h1>Oops</h1>"`},
		"JSON of others":   {401, `{"error":"invalid_token"}`, `401 Unauthorized "{\"error\":\"invalid_token\"}"`},
		"messages as text": {500, `{"messages":"denied"}`, `500 Internal Server Error "{\"messages\":\"denied\"}"`},
		"bare envelope":    {500, `{"links":[],"response":{"secret":1}}`, `500 Internal Server Error`},

		"empty":       {401, "", `401 Unauthorized`},
		"no messages": {500, `{"messages":[]}`, `500 Internal Server Error`},
		"other JSON":  {500, `[1]`, `500 Internal Server Error "[1]"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := newAPIError(c.status, envelopeURL, []byte(c.body)).Error(); got != "GET "+envelopeURL+": "+c.want {
				t.Errorf("got  %s\nwant GET %s: %s", got, envelopeURL, c.want)
			}
		})
	}
}

// errorMessages returns n messages of severity ERROR.
func errorMessages(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprintf(`{"code":"OGG-%d","title":"a","severity":"ERROR"}`, i+1)) {
				return
			}
		}
	}
}

// TestRefusalHides checks that an error does not show a secret of the login, in any escaping, and
// shows the rest, a user's name included.
func TestRefusalHides(t *testing.T) {
	var secrets secret.Redactor
	know(&secrets, promconfig.HTTPClientConfig{
		BasicAuth:     &promconfig.BasicAuth{Username: "monitor", Password: "hunter2/Pässwort+x"},
		Authorization: &promconfig.Authorization{Credentials: "abc/defghi+j=="},
		HTTPHeaders: &promconfig.Headers{Headers: map[string]promconfig.Header{
			"X-Api-Key": {Secrets: []promconfig.Secret{"s3cr3t", "pin"}, Values: []string{"tenant-1"}},
		}},
	})
	for name, c := range map[string]struct{ body, want string }{
		"password":          {"wrong password hunter2/Pässwort+x", `"wrong password <secret>"`},
		"base64":            {"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("monitor:hunter2/Pässwort+x")), `"Authorization: Basic <secret>"`},
		"beyond what shows": {strings.Repeat("x ", 140) + "hunter2/Pässwort+x is wrong", strings.Repeat("x ", 140) + `<secret>…"`},
		"escaped":           {`{"got":"Bearer abc\/defghi\u002bj"}`, `Bearer <secret>`},
		"in a message":      {`{"messages":[{"code":"OGG-1","title":"bad abc/defghi+j==","severity":"ERROR"}]}`, `OGG-1 "bad <secret>"`},
		"as a code":         {`{"messages":[{"code":"s3cr3t","title":"bad","severity":"ERROR"}]}`, `<secret> "bad"`},
		"in another message": {
			`{"messages":[{"title":"bad","severity":"ERROR"},{"title":"got s3cr3t","severity":"ERROR"}]}`, `"bad"; "got <secret>"`,
		},
		"in a title":          {`<html><title>abc/defghi+j==</title>`, `"<secret>"`},
		"another header":      {"X-Api-Key: s3cr3t", `"X-Api-Key: <secret>"`},
		"its plain value":     {"X-Api-Key: tenant-1", `"X-Api-Key: <secret>"`},
		"short":               {"X-Api-Key: pin", `"(withheld: the answer repeats credentials)"`},
		"digest response":     {`response="0123456789abcdef"`, `"<secret>\""`},
		"user":                {"user monitor is unknown", `"user monitor is unknown"`},
		"what digest repeats": {"GET /services/v2/extracts: monitor is unknown", `"GET /services/v2/extracts: monitor is unknown"`},
		"harmless headers":    {"Accept: application/json", `"Accept: application/json"`},
		"hostile":             {"a\x1b[31m\r\nb\u202e", `"a\\x1b[31m b\\u202e"`},
	} {
		got := refusal(&http.Response{StatusCode: http.StatusUnauthorized}, envelopeURL, []byte(c.body), &secrets)
		if !strings.HasSuffix(got.Error(), c.want) && !strings.Contains(got.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

// TestNamesThatAreSecret checks that a response is not taken in which a text repeats a secret, and
// that what is not read, or may be a name, is.
func TestNamesThatAreSecret(t *testing.T) {
	var secrets secret.Redactor
	secrets.Add("S3cr3tPassw0rd", "oracle")
	type response struct {
		Items []struct {
			Name  string             `json:"name"`
			Texts map[string]*string `json:"texts"`
			Lag   wire.Number        `json:"lag"`
		} `json:"items"`
	}
	for item, taken := range map[string]bool{
		`{"name":"EXT1","lag":5}`:                                 true,
		`{"name":"oracle"}`:                                       true,
		`{"name":"EXT1","unread":"S3cr3tPassw0rd"}`:               true,
		`{"name":"S3cr3tPassw0rd"}`:                               false,
		`{"name":"a S3cr3tPassw0rd b"}`:                           false,
		`{"name":"UzNjcjN0UGFzc3cwcmQ="}`:                         false,
		`{"name":"EXT1","texts":{"S3cr3tPassw0rd":null}}`:         false,
		`{"name":"EXT1","texts":{"a":null,"b":"S3cr3tPassw0rd"}}`: false,
	} {
		body := []byte(`{"response":{"items":[` + item + `]}}`)
		r, err := Decode[response](envelopeURL, body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := checked(&secrets, envelopeURL, body, r, nil)
		if (err == nil) != taken || (len(got.Items) == 1) != taken {
			t.Errorf("%s: got %v, %v", item, got, err)
		}
	}
	body := []byte(`{"response":{"items":[{"name":"EXT1","lag":"S3cr3tPassw0rd"}]}}`)
	r, err := Decode[response](envelopeURL, body)
	if _, err = checked(&secrets, envelopeURL, body, r, err); !IsOdd(err) || !strings.HasSuffix(err.Error(), `lag of EXT1 is "<secret>"`) {
		t.Errorf("got %v", err)
	}
}

// TestShown checks that the address of a request stays, whatever the secret is, and that what a
// connection reports is short.
func TestShown(t *testing.T) {
	var secrets secret.Redactor
	secrets.Add("oracle.example")
	address := "https://oracle.example.com/services/v2/extracts"
	err := shown(&secrets, address, &url.Error{Op: "Get", URL: address, Err: errors.New("valid for " + strings.Repeat("oracle.example, ", 1000))})
	if got := err.Error(); !strings.HasPrefix(got, `Get "`+address+`": valid for <secret>, <secret>`) || strings.Count(got, "oracle") != 1 || len(got) > 400 || !isA[*url.Error](err) {
		t.Errorf("got %v", err)
	}
	if shown(&secrets, address, nil) != nil || shown(&secrets, address, io.EOF) != io.EOF { //nolint:errorlint // the same one
		t.Error("another error")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"$schema":"api:standardResponse","response":{"status":"running","lag":"0","sinceLagReported":1E1,"lastStarted":null,"position":{"name":"ea","path":"/","sequence":1,"offset":2}}}`))
	f.Add([]byte(`{"messages":[{"code":"OGG-12031","severity":"ERROR"}]}`))
	f.Add([]byte(`<html><title>x`))
	f.Add([]byte(`{"response":{"position":[{"thread":1}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Decode[processStatus](envelopeURL, data); err != nil && !IsOdd(err) {
			if _, is := errors.AsType[*BodyError](err); !is {
				t.Errorf("%q: %T is not a BodyError: %v", data, err, err)
			}
		} else if !json.Valid(data) {
			t.Errorf("%q was accepted", data)
		}
		_ = newAPIError(500, envelopeURL, data).Error()
	})
}
