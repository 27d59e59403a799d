package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// watchGrace is how long the end of the watch may take.
const watchGrace = 400 * time.Millisecond

// watch reloads at each SIGHUP and, unless interval is 0, whenever a check at that
// interval finds a change. It does so until ctx ends or stop is called, which waits
// for a reload that is running, unless that hangs.
func watch(ctx context.Context, changed func() bool, interval time.Duration, reload func()) (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	end := follow(ctx, hangups, changed, interval, reload)
	return func() {
		end()
		signal.Stop(hangups)
	}
}

// follow is watch with hangups that come from the channel.
func follow(ctx context.Context, hangups <-chan os.Signal, changed func() bool, interval time.Duration, reload func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var checks <-chan time.Time
	stopChecking := func() {}
	if interval > 0 {
		ticker := time.NewTicker(interval)
		checks, stopChecking = ticker.C, ticker.Stop
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		reloadOn(ctx, hangups, checks, changed, reload)
	}()
	return func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(watchGrace):
		}
		stopChecking()
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
