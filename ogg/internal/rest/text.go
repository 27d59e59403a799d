package rest

import (
	"net/url"
	"reflect"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/secret"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// withheld stands for a text that repeats a secret which is too short to be replaced in it.
const withheld = "(withheld: the answer repeats credentials)"

// know adds the secrets of a login. Those in files are added as they are sent.
func know(r *secret.Redactor, c promconfig.HTTPClientConfig) {
	if b := c.BasicAuth; b != nil && b.Password != "" {
		r.Add(string(b.Password), b.Username+":"+string(b.Password))
	}
	if a := c.Authorization; a != nil {
		r.Add(string(a.Credentials))
	}
	if c.HTTPHeaders != nil {
		for _, header := range c.HTTPHeaders.Headers {
			r.AddValues(header.Values...)
			knowAll(r, header.Secrets)
		}
	}
	knowProxy(r, c.ProxyConfig)
	if o := c.OAuth2; o != nil {
		r.Add(string(o.ClientSecret))
		for name, value := range o.EndpointParams {
			if !isPublic(name) {
				r.Add(value)
			}
		}
		knowProxy(r, o.ProxyConfig)
	}
}

// knowProxy adds the secrets for a forward proxy.
func knowProxy(r *secret.Redactor, c promconfig.ProxyConfig) {
	for _, values := range c.ProxyConnectHeader {
		knowAll(r, values)
	}
	knowUser(r, c.ProxyURL.URL)
}

// knowUser adds the password in the URL of a forward proxy, which may be nil.
func knowUser(r *secret.Redactor, proxy *url.URL) {
	if proxy == nil {
		return
	}
	if password, has := proxy.User.Password(); has {
		r.Add(password, proxy.User.Username()+":"+password)
	}
}

func knowAll(r *secret.Redactor, secrets []promconfig.Secret) {
	for _, s := range secrets {
		r.Add(string(s))
	}
}

// isPublic reports whether a parameter of a token request is no secret.
func isPublic(param string) bool {
	return slices.Contains([]string{"audience", "client_assertion_type", "grant_type", "requested_token_type", "resource", "scope", "subject_token_type"}, param)
}

// hide takes the secrets out of what an answer with an error told.
func (e *APIError) hide(r *secret.Redactor) {
	if slices.ContainsFunc(append(e.more, e.Code, e.Title), r.HasShort) {
		e.Code, e.Title, e.more = "", withheld, nil
	}
	e.Code, e.Title = r.Redact(e.Code), r.Redact(e.Title)
	for i, more := range e.more {
		e.more[i] = r.Redact(more)
	}
}

// shown returns the error of a request with a text without secrets. The address, which was
// requested, stays as it is. What a connection reports, such as all the names in a certificate, is
// shortened.
func shown(r *secret.Redactor, address string, err error) error {
	if err == nil {
		return nil
	}
	parts := strings.Split(err.Error(), address)
	for i, part := range parts {
		if len(part) > longText && isConnectionError(err) && !isA[*BlockedError](err) {
			part = wire.OneLine(part)
		}
		parts[i] = r.Redact(part)
	}
	return wire.Retold(err, strings.Join(parts, address))
}

// longText is how long what a connection reports may be, in bytes.
const longText = 300

// checked returns the outcome of decoding a body, in which no name or other text may repeat a secret
// of the login: it would be a label, for everybody to see.
func checked[T any](r *secret.Redactor, url string, body []byte, response T, err error) (T, error) {
	var none T
	if odd, is := err.(*wire.OddError); is { //nolint:errorlint // as Decode returns it
		hideOdd(r, odd.Odd)
	} else if err != nil {
		return none, err
	}
	if r.MayBeIn(body) && has(reflect.ValueOf(response), r.IsIn) {
		return none, &BodyError{URL: url, Got: "a name or text that repeats a secret of the login"}
	}
	return response, err
}

// hideOdd takes the secrets out of odd members and what their objects are called.
func hideOdd(r *secret.Redactor, odd []wire.Odd) {
	for i := range odd {
		odd[i].Value = r.Redact(odd[i].Value)
		for name, text := range odd[i].Siblings {
			odd[i].Siblings[name] = r.Redact(text)
		}
	}
}

// has reports whether one of the texts in a value is as wanted.
func has(v reflect.Value, wanted func(string) bool) bool {
	switch v.Kind() {
	case reflect.String:
		return wanted(v.String())
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && has(v.Elem(), wanted)
	case reflect.Struct:
		for _, field := range v.Fields() {
			if has(field, wanted) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if has(v.Index(i), wanted) {
				return true
			}
		}
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			if has(each.Key(), wanted) || has(each.Value(), wanted) {
				return true
			}
		}
	default:
	}
	return false
}
