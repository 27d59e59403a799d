package pipeline_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// picture draws a graph as text: each pipeline as a lane, its hops below it with how they are joined,
// and at the end what is not joined.
func picture(g *pipeline.Graph) string {
	var b strings.Builder
	inside := map[string]bool{}
	for _, p := range g.Pipelines {
		fmt.Fprintf(&b, "%s\n    %s\n", p.ID, lane(g, p, inside))
		for i, h := range p.Hops {
			fmt.Fprintf(&b, "    %d  %-48s %s\n", i+1, fmt.Sprintf("%s %s/%s/%s", h.Kind, h.ServiceManager, h.Deployment, h.Name), doing(h))
		}
		fmt.Fprintf(&b, "    =  %s\n\n", verdict(p))
	}
	if g.LeftOut > 0 {
		fmt.Fprintf(&b, "%d more\n\n", g.LeftOut)
	}
	section(&b, "Joined by")
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "    %-100s %s%s\n", e.From+" > "+e.To, e.Evidence, map[bool]string{true: "", false: " (in no pipeline)"}[inside[e.ID]])
	}
	if len(g.Unjoined) > 0 {
		section(&b, "\nNot joined")
	}
	for _, u := range g.Unjoined {
		fmt.Fprintf(&b, "    %s %s/%s/%s: %s: %s\n", u.Kind, u.ServiceManager, u.Deployment, u.Name, u.Reason, u.Detail)
	}
	return b.String()
}

func section(b *strings.Builder, title string) { fmt.Fprintln(b, title) }

// lane draws the way of a pipeline: processes in round brackets, paths in square ones, trails between
// them. It notes the edges.
func lane(g *pipeline.Graph, p *pipeline.Pipeline, inside map[string]bool) string {
	var parts []string
	if p.First.Kind == "external" || p.First.Kind == "trail" {
		parts = append(parts, "{"+p.First.Name+"}")
	}
	at := p.First
	for i, h := range p.Hops {
		if via := way(g, at, h.Place, inside); via != "" && i > 0 {
			parts = append(parts, via)
		}
		at = h.Place
		if h.Kind == "extract" || h.Kind == "replicat" {
			parts = append(parts, "("+h.Name+")")
		} else {
			parts = append(parts, "["+h.Name+"]")
		}
	}
	if p.Last.Kind == "external" || p.Last.Kind == "trail" {
		way(g, at, p.Last, inside)
		parts = append(parts, "{"+p.Last.Name+"}")
	}
	return strings.Join(parts, " -> ")
}

// way notes the edges from one place to another, and returns the trail between them, if there is one.
func way(g *pipeline.Graph, from, to pipeline.Place, inside map[string]bool) string {
	for _, first := range g.Edges {
		if first.Source == from && first.Target == to {
			inside[first.ID] = true
			return ""
		}
	}
	for _, first := range g.Edges {
		for _, second := range g.Edges {
			if first.Source == from && second.Target == to && first.Target == second.Source && first.Target.Kind == "trail" {
				inside[first.ID], inside[second.ID] = true, true
				return first.Target.Name
			}
		}
	}
	return ""
}

// doing says how a hop does.
func doing(h pipeline.Hop) string {
	parts := []string{h.Status}
	if h.Status == "" {
		parts = []string{"?"}
	}
	switch {
	case h.Up == nil:
		parts = append(parts, "not known whether up")
	case !*h.Up:
		parts = append(parts, "down")
	}
	add := func(what string, n wire.Number, text func(float64) string) {
		if v, known := n.Value(); known {
			parts = append(parts, what+" "+text(v))
		}
	}
	add("lag", h.Lag, seconds)
	add("age", h.LagAge, seconds)
	add("effective", h.Effective, seconds)
	add("backlog", h.Backlog, func(v float64) string { return fmt.Sprintf("%.0f MB", v/1e6) })
	return strings.Join(parts, ", ")
}

// verdict says how a pipeline does.
func verdict(p *pipeline.Pipeline) string {
	up := "not known whether up"
	if p.Up != nil {
		up = map[bool]string{true: "up", false: "down"}[*p.Up]
	}
	parts := []string{up}
	if v, known := p.Lag.Value(); known {
		parts = append(parts, "lag "+seconds(v))
	}
	if !p.Complete {
		parts = append(parts, "incomplete")
	}
	if w := p.Weakest; w != nil {
		parts = append(parts, fmt.Sprintf("weakest hop %d: %s", w.Hop+1, w.Reason))
	}
	return strings.Join(parts, ", ")
}

func seconds(v float64) string { return (time.Duration(v) * time.Second).String() }
