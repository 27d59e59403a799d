package ogg

// Waiting returns how many scrapes wait for polls of the client.
func Waiting(c *Client) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, f := range c.flights {
		n += f.waiting
	}
	return n
}
