// Package source is where the configuration comes from: a file, the flags and
// environment for a single Service Manager, or a simulation. What the configuration
// means belongs to package config, and how it is served to package server. Only the
// program itself imports it.
package source

import (
	"errors"
	"io"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Options are what the command line and the environment say. At most one of Demo,
// Replay and File is set; each takes precedence over URL.
type Options struct {
	// File is the path of the configuration file.
	File string
	// ExpandEnv replaces ${NAME} in the file by what LookupEnv returns.
	ExpandEnv bool
	LookupEnv func(name string) (value string, ok bool)
	// URL is that of a single Service Manager, which needs no file.
	URL, Username, Password, PasswordFile string
	// Demo starts simulated Service Managers and a compartment of Oracle Cloud.
	Demo bool
	// Replay is a directory that --capture wrote.
	Replay string
	// MetricsURL is where the demo invites the user to look.
	MetricsURL string
	// Stdout gets a line about a simulation that has started.
	Stdout io.Writer
}

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
	case o.URL != "":
		s.Load = func() (*config.Config, error) {
			return config.Single(o.URL, o.Username, o.Password, o.PasswordFile)
		}
	default:
		return nil, errors.New("nothing to read: give --config.file, --ogg.url (or OGG_URL), --demo or --replay")
	}
	return s, nil
}

// simulation is a configuration and the servers that it reads.
type simulation struct {
	config config.Config
	ends   []func() // stop the servers
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

// end stops the servers.
func (s *simulation) end() {
	for _, end := range s.ends {
		end()
	}
}
