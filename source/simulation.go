package source

import "github.com/ogg-exporter/ogg_exporter/config"

// simulation is a configuration and the servers that it reads.
type simulation struct {
	config config.Config
	ends   []func() // stop the servers
}

// end stops the servers.
func (s *simulation) end() {
	for _, end := range s.ends {
		end()
	}
}
