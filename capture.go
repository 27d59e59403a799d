package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// masking says what a capture shows and what it does not.
const masking = `Names of hosts, users, aliases and databases, IP addresses, certificates and what
is secret in the configuration are masked, each in one way throughout a Service
Manager. Private keys and the values of environment variables are removed. Names of
deployments, services, processes, paths, trails, schemas and tables, directories
and descriptions stay. Look through the files before you give them away.`

// captureAll reads each Service Manager once and writes what it answers to a
// directory of its own within dir, which must be empty or absent. It says on stdout
// what there is. The directories have numbers, because the names of Service
// Managers may be those of hosts.
func captureAll(ctx context.Context, clients []*ogg.Client, dir string, stdout io.Writer) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--capture: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("--capture: %s is not empty", dir)
	}
	if len(clients) == 0 {
		return errors.New("--capture: there is no Service Manager in the configuration; what is found in Oracle Cloud is not captured")
	}
	var errs []error
	for i, client := range clients {
		into := filepath.Join(dir, fmt.Sprintf("service-manager-%d", i+1))
		n, err := client.Capture(ctx, into)
		if err != nil {
			errs = append(errs, fmt.Errorf("--capture: %w", err))
			continue
		}
		fmt.Fprintf(stdout, "Wrote what came of %d requests to Service Manager %s to %s\n", n, client.Name(), into)
	}
	if len(errs) < len(clients) {
		fmt.Fprintln(stdout, masking)
	}
	return errors.Join(errs...)
}
