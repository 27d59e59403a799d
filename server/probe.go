package server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// probe answers a scrape of the one Service Manager, or the one entry of oci, that the
// parameter target names, or of the pipelines. The exporter's own metrics are not among the samples.
func (s *Server) probe(w http.ResponseWriter, r *http.Request) error {
	debug, err := s.debugging(r)
	if err != nil {
		return err
	}
	o, err := s.scraping(r)
	if err != nil {
		return err
	}
	name, err := named(r)
	if err != nil {
		return err
	}
	st := s.acquire()
	defer s.release(st)
	if name == config.PipelinesName && !debug {
		return s.probePipelines(w, r, st, o)
	}
	if c, is := st.findCloud(name); is && !debug {
		s.expose(w, r, withClouds(collector.NewScrape(r.Context(), nil, o), r, c.client.Last()), nil)
		return nil
	}
	t, err := st.target(name)
	if err != nil {
		return err
	}
	if debug {
		return showPoll(w, r, t.client.Client, o)
	}
	s.expose(w, r, collector.NewScrape(r.Context(), []*ogg.Client{t.client.Client}, o), nil)
	return nil
}

// probePipelines answers a scrape of the pipelines alone.
func (s *Server) probePipelines(w http.ResponseWriter, r *http.Request, st *state, o collector.Options) error {
	if !slices.Contains(s.on(), collector.Pipeline) {
		return &statusError{http.StatusNotFound, "the collector pipeline is off (--no-collector.pipeline)"}
	}
	s.expose(w, r, s.withPipelines(collector.NewScrape(r.Context(), nil, o), st, o, outdated(st.clients())...), nil)
	return nil
}

// named returns the one name in the parameter target.
func named(r *http.Request) (string, error) {
	names := r.URL.Query()["target"]
	if len(names) != 1 || names[0] == "" {
		return "", &statusError{http.StatusBadRequest, "give one parameter target: the name of a configured Service Manager"}
	}
	return names[0], nil
}

// target returns the target of that name, which was configured or found. It is never an
// address from the request, to which the configured credentials would then be sent.
func (st *state) target(name string) (target, error) {
	if t, ok := st.find(name); ok {
		return t, nil
	}
	if name == config.PipelinesName {
		return target{}, &statusError{http.StatusBadRequest, "debug shows the poll of a Service Manager; pipelines are joined from the latest polls of all of them"}
	}
	if _, is := st.findCloud(name); is {
		return target{}, &statusError{http.StatusBadRequest, "debug shows the poll of a Service Manager; an entry of oci is refreshed in the background"}
	}
	if strings.Contains(name, "://") {
		return target{}, &statusError{http.StatusBadRequest, "target is the name of a configured Service Manager, never a URL: the exporter takes no address from a request, because credentials go to configured hosts only"}
	}
	return target{}, &statusError{http.StatusNotFound, "no Service Manager of that name is configured; available are: " + quoted(st.names())}
}

// quoted lists names, all on one line.
func quoted(names []string) string {
	all := slices.Clone(names)
	for i, name := range all {
		all[i] = strconv.Quote(name)
	}
	return strings.Join(all, ", ")
}
