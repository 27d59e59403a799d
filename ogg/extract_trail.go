package ogg

import (
	"context"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
)

// ExtractTrail is a trail that an Extract writes, as the Distribution Service knows it.
type ExtractTrail struct {
	Extract string
	// TrailPosition is where the Extract writes, also if it is down.
	TrailPosition
	TrailFiles
	// Monitored is whether that is what Performance Metrics reports. Only what Client.Last returns has
	// such.
	Monitored bool
}

// writtenTrail is a trail in the response of GET /exttrails.
type writtenTrail struct {
	position
	reportedFiles // 12.3: only the size of a file
}

// readExtractTrails reads GET /exttrails of the Distribution Service (all releases; role User): 1
// request for all Extracts, of those that are down, too. No member of it is documented as required:
// an answer without Extracts is no failure.
func readExtractTrails(ctx context.Context, v *visit) ([]*ExtractTrail, bool, error) {
	dist := v.asks("distsrvr")
	if dist == nil {
		return nil, false, nil
	}
	list, err := rest.GetIfPresent[struct {
		Extracts []struct {
			Name   string         `json:"name"`
			Trails []writtenTrail `json:"trails"`
		} `json:"extracts"`
	}](ctx, dist, "/exttrails")
	if list == nil {
		return nil, err != nil, err
	}
	var all []*ExtractTrail
	for _, e := range list.Extracts {
		for _, t := range e.Trails {
			if at := t.trailPosition(); at != nil {
				all = append(all, &ExtractTrail{Extract: e.Name, TrailPosition: *at, TrailFiles: t.files()})
			}
		}
	}
	return all, true, nil
}
