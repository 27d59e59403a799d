package source

import (
	"io"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Options are what the command line and the environment say. At most one of Demo,
// Replay and File is set; each takes precedence over Single.
type Options struct {
	// File is the path of the configuration file.
	File string
	// ExpandEnv replaces ${NAME} in the file by what LookupEnv returns.
	ExpandEnv bool
	LookupEnv func(name string) (value string, ok bool)
	// Single is a Service Manager that needs no file.
	Single config.Single
	// Demo starts simulated Service Managers and a compartment of Oracle Cloud.
	Demo bool
	// Replay is a directory that --capture wrote.
	Replay string
	// MetricsURL and PageURL are where the demo invites the user to look.
	MetricsURL, PageURL string
	// Stdout gets a line about a simulation that has started.
	Stdout io.Writer
}
