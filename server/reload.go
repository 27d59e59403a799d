package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// loading is the latest load of the configuration.
type loading struct {
	at        time.Time
	err       error     // nil if it succeeded
	succeeded time.Time // the time of the latest load that did
}

// reloadWait is how long a reload may take before it counts as failed. One that hangs goes
// on, and takes effect once it is done.
const reloadWait = 30 * time.Second

// maxReloads is how many requests to reload are answered at once.
const maxReloads = 10

// Errors of reloads that cannot be waited for.
var (
	errReloadHangs   = errors.New("reading the configuration has taken more than 30 s; it takes effect once it is read")
	errReloadWaits   = errors.New("another reload is still reading the configuration")
	errReloadStopped = errors.New("nobody waits for the reload any more, or the exporter is stopping")
)

// Reload loads the configuration again and uses it for all new scrapes; those in flight
// keep the previous one. When it cannot be loaded or a client cannot be created, nothing
// changes and all errors are returned. It may be called at any time: concurrent calls
// run one after the other. It returns when ctx ends, or after 30 s; a reload that has begun
// goes on.
func (s *Server) Reload(ctx context.Context) error {
	limit := time.NewTimer(reloadWait)
	defer limit.Stop()
	select {
	case s.loads <- struct{}{}:
	case <-limit.C:
		return errReloadWaits
	case <-ctx.Done():
		return errReloadStopped
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-s.loads }()
		done <- s.reloadNow()
	}()
	select {
	case err := <-done:
		return err
	case <-limit.C:
		return errReloadHangs
	case <-ctx.Done():
		return errReloadStopped
	}
}

// reloadNow reloads, however long it takes.
func (s *Server) reloadNow() error {
	ended := s.noteHang()
	old := s.acquire() // so that its clients can be taken over
	defer s.release(old)
	var next *state
	err := s.panics.Catch("reload", func() (err error) {
		next, err = s.load(old)
		return err
	})
	s.reloading.Lock()
	defer s.reloading.Unlock()
	ended()
	if s.closed {
		return errReloadStopped
	}
	s.note(err)
	if err != nil {
		log, why := s.options.Logger.Error, oneLine(err.Error())
		if !s.seldom.May(why) {
			log = s.options.Logger.Debug
		}
		log("Reloading the configuration failed; the previous one stays in force", "err", why)
		return err
	}
	s.begin(next)
	s.options.Logger.Info("Reloaded the configuration", "service_managers", next.configured, "oci", len(next.clouds))
	return nil
}

// noteHang keeps that the reload hangs, if it does, until ended is called. The caller of
// ended holds s.reloading.
func (s *Server) noteHang() (ended func()) {
	over := false // guarded by s.reloading
	limit := time.AfterFunc(reloadWait, func() {
		s.reloading.Lock()
		defer s.reloading.Unlock()
		if !over {
			s.note(errReloadHangs)
			s.options.Logger.Error("Reloading the configuration hangs; the previous one stays in force", "err", errReloadHangs)
		}
	})
	return func() {
		limit.Stop()
		over = true
	}
}

// load returns the state of the configuration as it is now, with the clients of old for what
// has not changed.
func (s *Server) load(old *state) (*state, error) {
	if s.options.Load == nil {
		return nil, errors.New("this configuration cannot be reloaded")
	}
	c, err := s.options.Load()
	if err != nil {
		return nil, err
	}
	return newState(c, old, s.options.Client)
}

// begin brings the state of a configuration into force, with the deployments found so
// far. The caller holds s.reloading, or is New.
func (s *Server) begin(next *state) {
	old := s.current()
	s.addFound(next, old)
	s.swap(next)
	s.tend(old, next)
}

// note keeps the result of a load. The caller holds s.reloading, or is New.
func (s *Server) note(err error) {
	now := time.Now()
	l := &loading{at: now, err: err, succeeded: now}
	if err != nil {
		l.succeeded = s.loaded.Load().succeeded
	}
	s.loaded.Store(l)
}

// reloadMetrics are the metrics about the latest load of the configuration.
func (s *Server) reloadMetrics() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ogg_exporter_config_last_reload_successful",
			Help: "Whether the configuration was last loaded without an error, at the start or since. (exporter)",
		}, func() float64 {
			if s.loaded.Load().err != nil {
				return 0
			}
			return 1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ogg_exporter_config_last_reload_success_timestamp_seconds",
			Help: "When the configuration in force was loaded, in Unix seconds. (exporter)",
		}, func() float64 { return float64(s.loaded.Load().succeeded.UnixMilli()) / 1e3 }),
	}
}

// mostLines is how many lines of one error are shown.
const mostLines = 50

// linesOf returns the first lines of an error as they are shown, and how many more there are.
func linesOf(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	shown := make([]string, 0, min(len(lines), mostLines)+1)
	for i, line := range lines {
		if i == mostLines {
			return append(shown, fmt.Sprintf("and %d more", len(lines)-mostLines))
		}
		shown = append(shown, wire.Line(line))
	}
	return shown
}

// reload answers POST and PUT /-/reload when the reload is done, or cannot be waited for.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) error {
	if s.options.DisableLifecycle {
		return &statusError{http.StatusForbidden, "reloading by request is off (--no-web.enable-lifecycle); SIGHUP and --config.enable-auto-reload still work"}
	}
	err := s.Reload(r.Context())
	switch {
	case err == nil:
		fmt.Fprintln(w, "Reloaded the configuration.")
		return nil
	case errors.Is(err, errReloadHangs), errors.Is(err, errReloadWaits), errors.Is(err, errReloadStopped):
		return &statusError{http.StatusServiceUnavailable, "The previous configuration stays in force: " + err.Error()}
	default:
		return &statusError{http.StatusInternalServerError, "The configuration was not reloaded; the previous one stays in force:\n" + strings.Join(linesOf(err.Error()), "\n")}
	}
}
