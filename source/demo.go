package source

import (
	"fmt"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// demoNames are the names under which the simulated Service Managers are read.
var demoNames = []string{"emea", "apac"}

// startDemo starts the simulated Service Managers and the simulated compartment of
// --demo, and reports on stdout where to look.
func (s *simulation) startDemo(o Options) error {
	for i, installation := range oggtest.Demo() {
		gg, err := oggtest.Start(installation)
		if err != nil {
			return fmt.Errorf("starting the demo: %w", err)
		}
		s.ends = append(s.ends, gg.Close)
		s.config.ServiceManagers = append(s.config.ServiceManagers, gg.Config(demoNames[i]))
	}
	required, err := config.NewPattern("EXTORD")
	if err != nil {
		return err
	}
	s.config.ServiceManagers[0].Expect = []config.Expectation{{Process: required, State: config.ExpectRunning, Required: true}}
	if err := s.startDemoCloud(); err != nil {
		return fmt.Errorf("starting the demo: %w", err)
	}
	fmt.Fprintf(o.Stdout, "Reading %d simulated Service Managers and a compartment of Oracle Cloud. Open %s for the status page, and %s for the metrics\n",
		len(s.config.ServiceManagers), o.PageURL, o.MetricsURL)
	return nil
}
