package server

import (
	"net/http"
	"net/http/pprof" // also registers with http.DefaultServeMux, which is not served
)

// handlePprof registers Go's profiles under the paths that go tool pprof requests.
func handlePprof(mux *http.ServeMux) {
	mux.HandleFunc("GET "+pprofPath, pprof.Index)
	mux.HandleFunc("GET "+pprofPath+"cmdline", pprof.Cmdline)
	mux.HandleFunc("GET "+pprofPath+"profile", pprof.Profile)
	mux.HandleFunc("GET "+pprofPath+"symbol", pprof.Symbol)
	mux.HandleFunc("POST "+pprofPath+"symbol", pprof.Symbol)
	mux.HandleFunc("GET "+pprofPath+"trace", pprof.Trace)
}
