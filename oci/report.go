package oci

import (
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// report logs each failure when it begins, or becomes another one, and when it ends, but neither
// more than once in 10 minutes for each part, and at level debug while it persists.
func (c *Client) report(inv *Inventory) {
	for _, r := range inv.Reads {
		switch change, changes := c.failing.Note(r.Part, r.Err); {
		case change == wire.Unchanged:
		case change == wire.Ended:
			c.log.Info("Reading OCI works again", "part", r.Part)
		case change == wire.Persists:
			c.log.Debug("Reading OCI still fails", "part", r.Part, "err", r.Err)
		case changes > 1:
			c.log.Warn("Reading OCI failed", "part", r.Part, "err", r.Err, "changes", changes)
		default:
			c.log.Warn("Reading OCI failed", "part", r.Part, "err", r.Err)
		}
	}
}

// isSame reports whether nothing failed that did not fail before, apart from numbers and the
// request ID.
func isSame(old, err error) bool {
	known := map[string]bool{}
	for _, what := range newsOf(old) {
		known[what] = true
	}
	return !slices.ContainsFunc(newsOf(err), func(what string) bool { return !known[what] })
}

// newsOf returns the texts of what failed, without what differs each time.
func newsOf(err error) []string {
	var news []string
	for _, failed := range wire.Failures(err) {
		text, _, _ := strings.Cut(failed.Error(), "(opc-request-id")
		news = append(news, wire.WithoutDigits(text))
	}
	return news
}
