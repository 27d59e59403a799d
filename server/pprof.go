package server

import (
	"net/http"
	"net/http/pprof" // also registers with http.DefaultServeMux, which is not served
	"strings"
)

const (
	symbolPath  = pprofPath + "symbol"
	maxProfiles = 4       // at once: each may take as long as its client says
	maxSymbols  = 1 << 20 // bytes of the list of addresses that go tool pprof may send
)

// handlePprof registers Go's profiles under the paths that go tool pprof requests.
func handlePprof(mux *http.ServeMux) {
	mux.HandleFunc("GET "+pprofPath, pprof.Index)
	mux.HandleFunc("GET "+pprofPath+"cmdline", pprof.Cmdline)
	mux.HandleFunc("GET "+pprofPath+"profile", pprof.Profile)
	mux.HandleFunc("GET "+symbolPath, pprof.Symbol)
	mux.Handle("POST "+symbolPath, http.MaxBytesHandler(http.HandlerFunc(pprof.Symbol), maxSymbols))
	mux.HandleFunc("GET "+pprofPath+"trace", pprof.Trace)
}

// withProfiles answers with mux below the path of the profiles, and with pages elsewhere. A
// profile is not kept in memory: it may be large, and extends its own deadlines.
func withProfiles(mux *http.ServeMux, pages http.Handler) http.Handler {
	profiles := atMost(maxProfiles, "too many profiles at once")(mux)
	profilesWithoutBody := bodiless(profiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.URL.Path, pprofPath):
			pages.ServeHTTP(w, r)
		case r.Method == http.MethodPost && r.URL.Path == symbolPath:
			profiles.ServeHTTP(w, r)
		default:
			profilesWithoutBody.ServeHTTP(w, r)
		}
	})
}
