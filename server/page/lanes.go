package page

import (
	"strings"

	"github.com/ogg-exporter/ogg_exporter/status"
)

const (
	// mostLanes is how many pipelines the page shows.
	mostLanes = 300
	// mostOpen is how many pipelines the page shows without folding those that are fine.
	mostOpen = 12
)

// lanes are the pipelines.
type lanes struct {
	Summary string
	Open    []lane
	// Folded are those that are fine, if there are many pipelines.
	Folded     []lane
	FoldedText string
	// LeftOut says how many are not shown; empty if all are.
	LeftOut string
}

// lane is a pipeline.
type lane struct {
	ID, First, Last  string
	Word, Class, Lag string
	Why              string
	Hops             []hop
}

// hop is a box of a lane, with the edge that leads to it.
type hop struct {
	Class, Kind, Name, Where string
	Status                   string
	Word                     string // of the state, unless that is fine
	Weakest                  string
	Edge                     []string
}

func newLanes(pipelines []status.Pipeline) lanes {
	all := lanes{Summary: "No pipeline was found in what has been read."}
	if len(pipelines) > 0 {
		all.Summary = summaryOf(pipelines)
	}
	if n := len(pipelines); n > mostLanes {
		all.LeftOut = grouped(mostLanes) + " of " + grouped(n) + " pipelines are shown, problems first."
		pipelines = pipelines[:mostLanes]
	}
	fold := len(pipelines) > mostOpen
	for _, p := range pipelines {
		if fold && (p.State == status.OK || p.State == status.Off) {
			all.Folded = append(all.Folded, newLane(p))
		} else {
			all.Open = append(all.Open, newLane(p))
		}
	}
	all.FoldedText = count(len(all.Folded), "pipeline without a problem", "pipelines without a problem")
	return all
}

// summaryOf counts pipelines by state.
func summaryOf(pipelines []status.Pipeline) string {
	var n status.Summary
	for _, p := range pipelines {
		switch p.State {
		case status.OK:
			n.OK++
		case status.Problem:
			n.Problems++
		case status.Warning:
			n.Warnings++
		case status.Off:
			n.Off++
		default:
			n.Unknown++
		}
	}
	var texts []string
	for _, p := range partsOf(n) {
		texts = append(texts, p.Text)
	}
	return count(len(pipelines), "pipeline", "pipelines") + ": " + strings.Join(texts, ", ")
}

func newLane(p status.Pipeline) lane {
	made := lane{ID: line(p.Pipeline), Word: word(p.State), Class: class(p.State), Why: line(p.Why)}
	if p.LagSeconds != nil {
		made.Lag = clock(p.LagSeconds)
	}
	for i, h := range p.Hops {
		made.Hops = append(made.Hops, newHop(h, i == 0))
	}
	if n := len(made.Hops); n > 1 {
		made.First, made.Last = made.Hops[0].Name, made.Hops[n-1].Name
	} else {
		made.First = made.ID
	}
	return made
}

func newHop(h status.Hop, first bool) hop {
	made := hop{
		Class: class(h.State), Kind: words(h.Kind), Name: line(h.Name), Where: where(h),
		Status: line(h.Status), Weakest: line(h.Weakest),
	}
	switch {
	case h.Kind == "external":
		made.Class, made.Kind, made.Status = class(status.Off), "not read by this exporter", ""
	case h.State != status.OK:
		made.Word = strings.ToLower(word(h.State))
	}
	if h.Trail != "" {
		made.Edge = append(made.Edge, "trail "+line(h.Trail))
	} else if first && h.Kind == "extract" {
		made.Edge = append(made.Edge, "database log")
	}
	if h.LagSeconds != nil {
		made.Edge = append(made.Edge, "lag "+clock(h.LagSeconds))
	}
	switch {
	case h.BacklogBytes == nil:
	case *h.BacklogBytes == 0:
		made.Edge = append(made.Edge, "no backlog")
	default:
		made.Edge = append(made.Edge, "backlog "+status.Size(*h.BacklogBytes))
	}
	return made
}

// where returns the deployment of a hop, with its Service Manager.
func where(h status.Hop) string {
	if h.Deployment == "" {
		return line(h.ServiceManager)
	}
	return line(h.ServiceManager + " / " + h.Deployment)
}

// words returns a name of the API as words.
func words(name string) string { return line(strings.ReplaceAll(name, "_", " ")) }
