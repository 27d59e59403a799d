package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// watch reloads at each SIGHUP and, unless interval is 0, whenever a check at that
// interval finds a change. It does so until ctx ends or stop is called, which waits
// for a reload that is running.
func watch(ctx context.Context, changed func() bool, interval time.Duration, reload func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var checks <-chan time.Time
	stopChecking := func() {}
	if interval > 0 {
		ticker := time.NewTicker(interval)
		checks, stopChecking = ticker.C, ticker.Stop
	}
	var loop sync.WaitGroup
	loop.Go(func() { reloadOn(ctx, hangups, checks, changed, reload) })
	return func() {
		cancel()
		loop.Wait()
		stopChecking()
		signal.Stop(hangups)
	}
}

// reloadOn reloads at each hangup, and at the checks that find a change.
func reloadOn(ctx context.Context, hangups <-chan os.Signal, checks <-chan time.Time, changed func() bool, reload func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			reload()
		case <-checks:
			if changed() {
				reload()
			}
		}
	}
}
