package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// startReplay serves what captureAll wrote to dir, or to one of the directories in
// it, says so on out, and returns the configuration that reads it. The function it
// returns ends that.
func startReplay(dir string, out io.Writer) (*config.Config, func(), error) {
	folders, err := captures(dir)
	if err != nil {
		return nil, func() {}, fmt.Errorf("--replay: %w", err)
	}
	c := &config.Config{}
	var replays []*oggtest.Replayed
	end := func() {
		for _, r := range replays {
			r.Close()
		}
	}
	for _, folder := range folders {
		r, err := oggtest.Replay(folder)
		if err == nil {
			replays = append(replays, r)
			var sm config.ServiceManager
			sm, err = replayed(r)
			c.ServiceManagers = append(c.ServiceManagers, sm)
		}
		if err != nil {
			end()
			return nil, func() {}, fmt.Errorf("--replay: %w", err)
		}
	}
	nameApart(c.ServiceManagers, folders)
	fmt.Fprintf(out, "Reading %d captured Service Manager(s) of %s\n", len(folders), dir)
	return c, end, nil
}

// captures returns the directories of captures: dir, or those in it.
func captures(dir string) ([]string, error) {
	if isCapture(dir) {
		return []string{dir}, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		if folder := filepath.Join(dir, entry.Name()); isCapture(folder) {
			found = append(found, folder)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has nothing that --capture wrote", dir)
	}
	return found, nil
}

// isCapture reports whether a directory is that of one capture.
func isCapture(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "capture.json"))
	return err == nil && info.Mode().IsRegular()
}

// replayed returns the configuration that reads a capture.
func replayed(r *oggtest.Replayed) (config.ServiceManager, error) {
	client := promconfig.DefaultHTTPClientConfig
	client.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, Password: oggtest.DefaultPassword}
	sm := config.ServiceManager{
		Name: r.ServiceManager(), ReverseProxy: true, HTTPClient: client,
		Timeout: config.DefaultTimeout, MaxConcurrentRequests: config.DefaultMaxConcurrentRequests,
	}
	var err error
	if sm.URL, err = url.Parse(r.URL()); err != nil {
		return sm, err
	}
	var errs []error
	selection := r.Selection()
	for key, pattern := range map[string]*config.Pattern{
		"include_deployments": &sm.IncludeDeployments, "exclude_deployments": &sm.ExcludeDeployments,
		"include_processes": &sm.IncludeProcesses, "exclude_processes": &sm.ExcludeProcesses,
		"include_paths": &sm.IncludePaths, "exclude_paths": &sm.ExcludePaths,
	} {
		if *pattern, err = config.NewPattern(selection[key]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
	}
	return sm, errors.Join(errs...)
}

// nameApart gives Service Managers without a name, or with that of another, the
// name of their folder: each was masked by itself.
func nameApart(all []config.ServiceManager, folders []string) {
	for i := range all {
		same := func(o config.ServiceManager) bool { return o.Name == all[i].Name }
		if all[i].Name == "" || slices.ContainsFunc(all[:i], same) {
			all[i].Name = filepath.Base(folders[i])
		}
	}
}
