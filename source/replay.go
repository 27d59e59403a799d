package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// startReplay serves the capture in the directory, or each of those in directories
// within it, and reports that on stdout.
func (s *simulation) startReplay(o Options) error {
	folders, err := captures(o.Replay)
	if err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	for _, folder := range folders {
		if err := s.replay(folder); err != nil {
			return fmt.Errorf("--replay: %w", err)
		}
	}
	nameApart(s.config.ServiceManagers, folders)
	fmt.Fprintf(o.Stdout, "Reading %d captured Service Manager(s) of %s\n", len(folders), o.Replay)
	return nil
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

// replay serves one capture, and reads of it what was read when it was taken.
func (s *simulation) replay(folder string) error {
	r, err := oggtest.Replay(folder)
	if err != nil {
		return err
	}
	s.ends = append(s.ends, r.Close)
	sm, selection := r.Config(), r.Selection()
	var errs []error
	for key, pattern := range sm.Patterns() {
		if *pattern, err = config.NewPattern(selection[key]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
	}
	s.config.ServiceManagers = append(s.config.ServiceManagers, sm)
	return errors.Join(errs...)
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
