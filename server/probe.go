package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// probe answers a scrape of the one Service Manager that the parameter target names, or
// with what the control plane last told of the entry of oci that it names, without the
// exporter's own metrics.
func (s *Server) probe(w http.ResponseWriter, r *http.Request) {
	debug, code, err := s.debugging(r)
	if err != nil {
		http.Error(w, err.Error(), code)
		return
	}
	o, err := s.scraping(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	st := s.acquire()
	defer s.release(st)
	name, code, err := named(r)
	if err != nil {
		http.Error(w, err.Error(), code)
		return
	}
	if c, is := st.findCloud(name); is && !debug {
		s.expose(w, r, withClouds(collector.NewScrape(r.Context(), nil, o), r, c.client.Last()))
		return
	}
	t, code, err := st.asked(name)
	if err != nil {
		http.Error(w, err.Error(), code)
		return
	}
	if debug {
		showPoll(w, r, t.client.Client, o)
		return
	}
	s.expose(w, r, collector.NewScrape(r.Context(), []*ogg.Client{t.client.Client}, o))
}

// named returns the one name in the parameter target.
func named(r *http.Request) (string, int, error) {
	names := r.URL.Query()["target"]
	if len(names) != 1 || names[0] == "" {
		return "", http.StatusBadRequest,
			errors.New("give one parameter target: the name of a configured Service Manager")
	}
	return names[0], http.StatusOK, nil
}

// asked returns the target that a request names. It is one of the configuration, or
// was found: an address out of a request would be sent the credentials of the
// configuration. The errors, which go with the status, do not repeat what was asked
// for, because that may hold a password.
func (st *state) asked(name string) (target, int, error) {
	if t, ok := st.find(name); ok {
		return t, http.StatusOK, nil
	}
	if _, is := st.findCloud(name); is {
		return target{}, http.StatusBadRequest, errors.New("debug shows the poll of a Service Manager; an entry of oci is refreshed in the background")
	}
	if strings.Contains(name, "://") {
		return target{}, http.StatusBadRequest,
			errors.New("target is the name of a configured Service Manager, never a URL: the exporter takes no address from a request, because credentials go to configured hosts only")
	}
	return target{}, http.StatusNotFound, fmt.Errorf("no Service Manager of that name is configured; there are: %s", quoted(st.names()))
}

// quoted lists names, each on this one line.
func quoted(names []string) string {
	all := slices.Clone(names)
	for i, name := range all {
		all[i] = strconv.Quote(name)
	}
	return strings.Join(all, ", ")
}
