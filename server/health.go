package server

import (
	"fmt"
	"net/http"
)

// healthy answers as long as the process runs.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ogg_exporter is healthy.")
}

// ready reports whether to send scrapes here: yes, until Stop. It is about the exporter
// alone, which is useful even while GoldenGate is down.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) error {
	if s.stopping.Load() {
		return &statusError{http.StatusServiceUnavailable, "ogg_exporter is stopping."}
	}
	fmt.Fprintln(w, "ogg_exporter is ready.")
	return nil
}
