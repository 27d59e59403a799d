package server

import (
	"time"

	"github.com/prometheus/common/version"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// status returns how everything did when it was last read.
func (s *Server) status() status.Status {
	made := status.Status{At: time.Now(), Version: version.Version, Pipelines: []status.Pipeline{}, Rows: []status.Row{}, ServiceManagers: []status.ServiceManager{}}
	for _, client := range s.current().clients() {
		made.ServiceManagers = append(made.ServiceManagers, managerStatus(client))
	}
	return made
}

// managerStatus returns the latest poll of a client.
func managerStatus(client *ogg.Client) status.ServiceManager {
	row := status.ServiceManager{Name: client.Name(), URL: client.URL(), State: status.Unknown}
	last := client.Last()
	if last == nil {
		return row
	}
	took := last.Took.Seconds()
	row.ReadAt, row.TookSeconds, row.State = &last.Begin, &took, status.OK
	for _, d := range last.Deployments {
		for _, read := range d.Reads {
			if read.Err != nil {
				row.State = status.Problem
				row.Errors = append(row.Errors, d.Name+", "+read.Collector+": "+read.Err.Error())
			}
		}
	}
	return row
}
