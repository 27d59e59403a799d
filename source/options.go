package source

import "io"

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
	// MetricsURL and PageURL are where the demo invites the user to look.
	MetricsURL, PageURL string
	// Stdout gets a line about a simulation that has started.
	Stdout io.Writer
}
