package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// checkConnect makes the answer of a forward proxy that does not connect to GoldenGate an
// *APIError. It is for http.Transport.OnProxyConnectResponse.
func checkConnect(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &APIError{StatusCode: answer.StatusCode, Proxy: proxy.Host}
}

// ofProxy returns err as the answer of the forward proxy if it is one: a CONNECT that failed,
// or over plain text, where GoldenGate's answers pass through the proxy as well, a 407.
func ofProxy(err error, url string, account *Account) error {
	api, is := errors.AsType[*APIError](err)
	switch {
	case account == nil || !is:
		return err
	case api.Proxy != "":
		return &APIError{StatusCode: api.StatusCode, URL: url, Proxy: api.Proxy}
	case api.StatusCode == http.StatusProxyAuthRequired:
		api.Proxy = account.proxy
	}
	return err
}
