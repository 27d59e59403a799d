package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
)

// targetGroup is one element of what Prometheus's HTTP service discovery reads.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// discovery lists all targets for Prometheus's HTTP service discovery, each as a probe of
// this exporter at the address that Prometheus itself used.
func (s *Server) discovery(w http.ResponseWriter, r *http.Request) error {
	groups := []targetGroup{} // null would not be a list
	st := s.current()
	for _, t := range st.targets {
		groups = append(groups, t.group(r))
	}
	for _, c := range st.clouds {
		groups = append(groups, c.group(r))
	}
	if len(st.targets) > 0 && slices.Contains(s.on(), collector.Pipeline) {
		groups = append(groups, target{ServiceManager: config.ServiceManager{Name: config.PipelinesName}}.group(r))
	}
	body, err := json.Marshal(groups)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // nobody is left to report a failure to
	return nil
}

// group describes the target to the Prometheus that sent the request.
func (t target) group(r *http.Request) targetGroup {
	labels := map[string]string{
		"__metrics_path__": probePath,
		"__param_target":   t.Name,
		// By default Prometheus would derive the same instance, and so the same
		// labels, for all of them from the address.
		"instance": t.Name,
	}
	if r.TLS != nil {
		labels["__scheme__"] = "https"
	}
	maps.Copy(labels, t.Labels)
	return targetGroup{Targets: []string{r.Host}, Labels: labels}
}
