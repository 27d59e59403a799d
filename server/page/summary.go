package page

import (
	"strings"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// summary is the sentence at the top of the page.
type summary struct {
	// Title is for the title of the page, and Class how all of it is.
	Title, Class string
	Parts        []part
	// Unread says which Service Managers could not be read; empty if there is none.
	Unread string
	// Nothing says why there is nothing to show; empty if there is something.
	Nothing string
	// Read says when the latest of it was read.
	Read string
}

// part is a part of the sentence.
type part struct {
	Text, Class string
}

func newSummary(s *status.Status) summary {
	made := summary{Class: "fine", Parts: partsOf(s.Summary), Unread: unread(s.ServiceManagers), Nothing: nothing(s)}
	if len(made.Parts) > 0 {
		made.Class = made.Parts[0].Class
	}
	if made.Nothing != "" || len(made.Parts) == 0 {
		made.Class = "unknown"
	}
	texts := make([]string, len(made.Parts))
	for i, p := range made.Parts {
		texts[i] = p.Text
	}
	made.Title = strings.Join(texts, ", ")
	if made.Title == "" {
		made.Title = "Nothing read yet"
	}
	if latest := latestOf(s.ServiceManagers); latest != nil {
		made.Read = ago(s.At, *latest)
	}
	return made
}

// partsOf returns the parts that are not 0, the worst first.
func partsOf(n status.Summary) []part {
	fine := part{grouped(n.OK) + " fine", class(status.OK)}
	if n.Problems+n.Warnings+n.Unknown == 0 {
		fine.Text = "all " + fine.Text
	}
	var parts []part
	for _, p := range []struct {
		n int
		part
	}{
		{n.Problems, part{count(n.Problems, "problem", "problems"), class(status.Problem)}},
		{n.Warnings, part{count(n.Warnings, "warning", "warnings"), class(status.Warning)}},
		{n.Unknown, part{grouped(n.Unknown) + " unknown", class(status.Unknown)}},
		{n.OK, fine},
		{n.Off, part{grouped(n.Off) + " off", class(status.Off)}},
	} {
		if p.n > 0 {
			parts = append(parts, p.part)
		}
	}
	return parts
}

// mostNamed is how many Service Managers the summary names.
const mostNamed = 5

// unread says which Service Managers have errors.
func unread(all []status.ServiceManager) string {
	var names []string
	for _, sm := range all {
		if len(sm.Errors) > 0 {
			names = append(names, sm.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "Something could not be read of " + count(len(names), "Service Manager", "Service Managers") + ": " + strings.Join(few(names, mostNamed), ", ")
}

// nothing says why there is nothing to show.
func nothing(s *status.Status) string {
	switch {
	case len(s.ServiceManagers) == 0:
		return "No Service Manager is configured, and none was found."
	case latestOf(s.ServiceManagers) == nil:
		return "Nothing has been read yet: the exporter reads GoldenGate when Prometheus scrapes it."
	default:
		return ""
	}
}
