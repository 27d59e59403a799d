package oci

import "strings"

// report logs what began to fail since the refreshes before and what works again, each in one
// line; what goes on failing is said at level debug.
func (c *Client) report(inv *Inventory) {
	for _, r := range inv.Reads {
		old, failing := c.failing[r.Part]
		switch {
		case r.Err != nil:
			log := c.log.Warn
			if failing && withoutNumbers(old) == withoutNumbers(r.Err) {
				log = c.log.Debug
			}
			log("Reading OCI failed", "part", r.Part, "err", r.Err)
			c.failing[r.Part] = r.Err
		case failing:
			c.log.Info("Reading OCI works again", "part", r.Part)
			delete(c.failing, r.Part)
		}
	}
}

// withoutNumbers returns the error's text without what differs from one time to the next, such
// as counts, ports and the number of the request.
func withoutNumbers(err error) string {
	text, _, _ := strings.Cut(err.Error(), "(opc-request-id")
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, text)
}
