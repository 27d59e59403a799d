package server

import (
	"errors"
	"net/http"
)

// statusError is an error to answer with this HTTP status. Its text repeats nothing of
// the request, which may hold a password.
type statusError struct {
	status int
	text   string
}

// Error returns the text of the answer.
func (e *statusError) Error() string { return e.text }

// handler is an http.Handler that may return an error instead of answering: a
// *statusError, or any other error for the status 500.
type handler func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP answers with h, or with the error that it returns.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h(w, r)
	if err == nil {
		return
	}
	status := http.StatusInternalServerError
	if known := (*statusError)(nil); errors.As(err, &known) {
		status = known.status
	}
	http.Error(w, err.Error(), status)
}
