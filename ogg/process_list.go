package ogg

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// processLists are what a poll listed of each type.
type processLists struct{ extracts, replicats *processList }

// processList are the processes of a type, and why that may not be all.
type processList struct {
	items []item
	err   error
}

// listProcesses returns the selected processes of a type, which it lists once in a poll. Those who
// need them run one after the other: they are in the same row of readers.
func listProcesses(ctx context.Context, v *visit, admin *rest.Endpoint, kind ProcessType) ([]item, error) {
	lists := wire.Remembered[processLists](&v.shared)
	list := &lists.extracts
	if kind == Replicat {
		list = &lists.replicats
	}
	if *list == nil {
		items, err := listAllProcesses(ctx, v, admin, kind)
		items = slices.DeleteFunc(items, func(i item) bool { return !v.config.WantsProcess(i.Name) })
		if err == nil {
			v.noteWhole(processRoutes[kind])
		}
		*list = &processList{items, err}
	}
	return (*list).items, (*list).err
}

// listAllProcesses reads GET /extracts or GET /replicats (all releases; role User). The items have
// a status from 21.3 on. threads=none omits the threads of coordinated Replicats if the release
// knows the parameter. One that does not may reject it, or ignore it and answer all the same: see
// withoutThreads.
func listAllProcesses(ctx context.Context, v *visit, admin *rest.Endpoint, kind ProcessType) ([]item, error) {
	route := processRoutes[kind]
	items, err := listItems(ctx, admin, route+"?threads=none")
	rejected := rest.HasStatus(err, http.StatusBadRequest, http.StatusNotFound)
	if rejected {
		items, err = listItems(ctx, admin, route)
	}
	for i := range items {
		items[i].Status = strings.ToLower(items[i].Status)
	}
	if err == nil {
		keepDefinitions(v, kind, items)
	}
	if kind == Replicat {
		var threadsErr error
		items, threadsErr = withoutThreads(ctx, v, admin, items, !rejected)
		err = wire.Join(err, threadsErr)
	}
	return items, err
}
