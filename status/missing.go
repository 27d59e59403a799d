package status

import "github.com/ogg-exporter/ogg_exporter/ogg"

// missingRow returns the row of something that is required but not listed, of which it may not be known
// what it is in particular: its program is deployment, process or path.
func missingRow(source *Source, r ogg.Requirement) Row {
	return Row{
		ServiceManager: source.Name, Deployment: r.Deployment, Program: string(r.Kind), Name: r.Name,
		Status: "missing", State: Problem, Why: "is required, but does not exist",
		ReadAt: source.Latest.Begin,
	}
}
