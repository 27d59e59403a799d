package main

import (
	"log/slog"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd the exporter's state, where systemd has asked for it by
// Type=notify. A failure is logged: the exporter works without systemd, too.
func notify(state string, log *slog.Logger) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("Telling systemd failed", "state", state, "err", err)
	}
}
