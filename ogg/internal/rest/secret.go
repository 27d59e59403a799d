package rest

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/secret"
)

// secretFile is a file with a secret.
type secretFile struct {
	*file

	clean func(string) (string, error) // secret.Clean or secret.CleanUser
}

var errEmptySecret = errors.New("is empty")

// Fetch implements promconfig.SecretReader. A file that cannot be read, or from which nothing
// can be sent, is an *fs.PathError, which has nothing of the secret in it: no request is
// sent, because one without the secret would be a failed login.
func (f secretFile) Fetch(ctx context.Context) (string, error) {
	content, err := f.read(ctx)
	if err != nil {
		return "", err
	}
	text, err := f.clean(content)
	if err == nil && strings.TrimSpace(text) == "" {
		err = errEmptySecret
	}
	if err != nil {
		return "", &fs.PathError{Op: "read", Path: f.name, Err: err}
	}
	return text, nil
}

// Description implements promconfig.SecretReader.
func (f secretFile) Description() string { return "file " + f.name }

// Immutable implements promconfig.SecretReader.
func (secretFile) Immutable() bool { return false }

// secretOf returns a reader of the file or, without one, of the text; without either, nil.
func (r *fileReader) secretOf(text promconfig.Secret, file string) promconfig.SecretReader {
	if file != "" {
		return secretFile{r.of(file), secret.Clean}
	}
	return inline(text)
}

// userOf is secretOf for the user name of basic authentication.
func (r *fileReader) userOf(auth *promconfig.BasicAuth) promconfig.SecretReader {
	if auth.UsernameFile != "" {
		return secretFile{r.of(auth.UsernameFile), secret.CleanUser}
	}
	return inline(promconfig.Secret(auth.Username))
}

// keyOf is secretOf for what has lines, such as PEM.
func (r *fileReader) keyOf(text promconfig.Secret, file string) promconfig.SecretReader {
	if file != "" {
		return secretFile{r.of(file), func(text string) (string, error) { return secret.Trim(text), nil }}
	}
	return inline(text)
}

// inline returns a reader of a text that is in the configuration; nil if it is empty.
func inline(text promconfig.Secret) promconfig.SecretReader {
	if text == "" {
		return nil
	}
	return promconfig.NewInlineSecret(string(text))
}

// notingReader notes what it reads, which is about to be sent.
type notingReader struct {
	promconfig.SecretReader

	secrets *secret.Redactor
}

// noting returns a reader that notes what it reads; nil for nil.
func noting(reader promconfig.SecretReader, secrets *secret.Redactor) promconfig.SecretReader {
	if reader == nil {
		return nil
	}
	return notingReader{reader, secrets}
}

// Fetch implements promconfig.SecretReader.
func (r notingReader) Fetch(ctx context.Context) (string, error) {
	text, err := r.SecretReader.Fetch(ctx)
	r.secrets.Note(text)
	return text, err
}

// fetch reads a secret. It is empty if none is configured.
func fetch(ctx context.Context, secret promconfig.SecretReader) (string, error) {
	if secret == nil {
		return "", nil
	}
	return secret.Fetch(ctx)
}

// headersTransport adds http_headers to each request.
type headersTransport struct {
	files   *fileReader
	headers map[string]promconfig.Header
	secrets *secret.Redactor
	next    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *headersTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	with := request.Clone(request.Context())
	for name, header := range t.headers {
		for _, value := range header.Values {
			with.Header.Add(name, value)
		}
		for _, value := range header.Secrets {
			with.Header.Add(name, string(value))
		}
		for _, file := range header.Files {
			value, err := t.files.secretOf("", file).Fetch(request.Context())
			if err != nil {
				return nil, err
			}
			t.secrets.Note(value)
			with.Header.Add(name, value)
		}
	}
	return t.next.RoundTrip(with)
}

// CloseIdleConnections closes those of the pool.
func (t *headersTransport) CloseIdleConnections() {
	if pool, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}
