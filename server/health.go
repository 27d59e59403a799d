package server

import (
	"fmt"
	"net/http"
)

// healthy says that the process answers.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ogg_exporter is healthy.")
}

// ready says whether to send scrapes here: yes, until Stop. It is about the
// exporter alone: an exporter is of use, and says so, while GoldenGate is down.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) error {
	if s.stopping.Load() {
		return &statusError{http.StatusServiceUnavailable, "ogg_exporter is stopping."}
	}
	fmt.Fprintln(w, "ogg_exporter is ready.")
	return nil
}
