package main

import (
	"context"
	"crypto/sha256"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// watch reloads at each SIGHUP and, unless interval is 0, where a look at the
// source every interval shows a change. It does so until ctx ends or the function
// that it returns is called, which waits for a reload under way.
func watch(ctx context.Context, s *source, interval time.Duration, reload func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var looks <-chan time.Time
	stopLooking := func() {}
	if interval > 0 {
		ticker := time.NewTicker(interval)
		looks, stopLooking = ticker.C, ticker.Stop
	}
	var loop sync.WaitGroup
	loop.Go(func() { reloadOn(ctx, hangups, looks, s.changed, reload) })
	return func() {
		cancel()
		loop.Wait()
		stopLooking()
		signal.Stop(hangups)
	}
}

// reloadOn reloads when there is a hangup, and at the looks that show a change.
func reloadOn(ctx context.Context, hangups <-chan os.Signal, looks <-chan time.Time, changed func() bool, reload func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			reload()
		case <-looks:
			if changed() {
				reload()
			}
		}
	}
}

// configFile is a configuration file that may be replaced at any time, in any
// way: what counts is the text under its name. Editors rename and Kubernetes
// swaps a symbolic link, of which a watch on the file itself would hear nothing.
type configFile struct {
	path    string
	options config.Options

	mu     sync.Mutex // a load may be asked for over HTTP, beside the looks
	tried  string     // the fingerprint of the text before the latest load
	failed bool       // that load found mistakes
	absent bool       // there was no text at the latest look
}

// load reads the configuration, for whatever reason. The fingerprint is taken
// before: a file that is replaced in between differs from it at the next look,
// and so no text is passed over for good.
func (f *configFile) load() (*config.Config, error) {
	tried := f.fingerprint()
	c, err := config.Load(f.path, f.options)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried, f.failed = tried, err != nil
	return c, err
}

// changed reports whether a load would tell something new. It says so once for
// each text, good or bad. A file that is not there, or empty, may be about to be
// written: it counts from the second look in a row. A text that failed is loaded
// again once it has become good by itself, as when a password file that it names
// came after it.
func (f *configFile) changed() bool {
	now := f.fingerprint()
	f.mu.Lock()
	tried, failed, settled := f.tried, f.failed, now != "" || f.absent
	f.absent = now == ""
	f.mu.Unlock()
	if now != tried {
		return settled
	}
	if !failed {
		return false
	}
	_, err := config.Load(f.path, f.options)
	return err == nil
}

// fingerprint stands for the text of the file, which may hold secrets. It is
// empty where there is no text.
func (f *configFile) fingerprint() string {
	// Asked first: a pipe, as of a shell's <(…), can be read only once.
	if info, err := os.Stat(f.path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	text, err := os.ReadFile(f.path)
	if err != nil || len(text) == 0 {
		return ""
	}
	sum := sha256.Sum256(text)
	return string(sum[:])
}
