package oci

import (
	"strings"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// report logs each failure when it begins and when it ends, and at level debug while it persists.
func (c *Client) report(inv *Inventory) {
	for _, r := range inv.Reads {
		switch c.failing.Note(r.Part, r.Err) {
		case wire.Began:
			c.log.Warn("Reading OCI failed", "part", r.Part, "err", r.Err)
		case wire.Persists:
			c.log.Debug("Reading OCI still fails", "part", r.Part, "err", r.Err)
		case wire.Ended:
			c.log.Info("Reading OCI works again", "part", r.Part)
		case wire.Unchanged:
		}
	}
}

// isSame reports whether two failures differ only in numbers and the request ID.
func isSame(old, err error) bool {
	text := func(err error) string {
		text, _, _ := strings.Cut(err.Error(), "(opc-request-id")
		return wire.WithoutDigits(text)
	}
	return text(old) == text(err)
}
