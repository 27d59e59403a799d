// Package source is where the configuration comes from: a file, the flags and
// environment for a single Service Manager, or a simulation. What the configuration
// means belongs to package config, and how it is served to package server. Only the
// program itself imports it.
package source

import (
	"errors"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Source is where the configuration comes from, at the start and at each reload.
type Source struct {
	// Load reads the configuration. Its errors hold no secrets.
	Load func() (*config.Config, error)
	// Changed reports whether a load would have a new result.
	Changed func() bool
	// End stops what the Source has started.
	End func()
}

// New returns the Source that the options ask for, and starts the simulation if it is
// one. It fails where nothing is to be read or a simulation cannot be started.
func New(o Options) (*Source, error) {
	s := &Source{Changed: func() bool { return false }, End: func() {}}
	switch {
	case o.Demo:
		return simulated(func(s *simulation) error { return s.startDemo(o) })
	case o.Replay != "":
		return simulated(func(s *simulation) error { return s.startReplay(o) })
	case o.File != "":
		file := &file{path: o.File, options: config.Options{ExpandEnv: o.ExpandEnv, LookupEnv: o.LookupEnv}}
		s.Load, s.Changed = file.load, file.changed
	case o.Single.URL != "":
		s.Load = o.Single.Load
	default:
		return nil, errors.New("nothing to read: give --config.file, --ogg.url (or OGG_URL), --demo or --replay")
	}
	return s, nil
}

// simulated returns the Source of the simulation that start starts. No load restarts it.
func simulated(start func(*simulation) error) (*Source, error) {
	s := &simulation{}
	if err := start(s); err != nil {
		s.end()
		return nil, err
	}
	return &Source{
		Load:    func() (*config.Config, error) { return &s.config, nil },
		Changed: func() bool { return false },
		End:     s.end,
	}, nil
}
