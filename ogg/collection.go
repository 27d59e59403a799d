package ogg

import (
	"context"
	"fmt"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// itemList is an ogg:collection (all releases).
type itemList struct {
	Items []item `json:"items"`
}

// item is an entry of a collection. Its Status is empty before 21.3.
type item struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

// listItems reads a route that returns a collection. It may return both items and an error, see
// unique.
func listItems(ctx context.Context, e *rest.Endpoint, route string) ([]item, error) {
	collection, err := rest.Get[itemList](ctx, e, route)
	if err != nil {
		return nil, err
	}
	items, err := listed(e, route, "items", collection.Items)
	if err != nil {
		return nil, err
	}
	return unique(items, func(i item) string { return i.Name })
}

// listed returns the list that a response has under that name. A list that is missing or null
// is a failure, and not an empty one.
func listed[T any](e *rest.Endpoint, route, name string, list []T) ([]T, error) {
	if list == nil {
		return nil, &BodyError{URL: e.Base() + route, Got: "an answer without " + name}
	}
	return list, nil
}

// selfListed is listed for a list that the Service Manager itself is always in: one without a
// named entry is not all there is.
func selfListed[T interface{ about() (string, bool) }](sm *rest.Endpoint, route, name string, list []T) ([]T, error) {
	list, err := listed(sm, route, name, list)
	named := func(entry T) bool { _, has := entry.about(); return has }
	if err == nil && !slices.ContainsFunc(list, named) {
		err = &BodyError{URL: sm.Base() + route, Got: "an answer in which the Service Manager does not list itself"}
	}
	return list, err
}

// listNames reads the names in a collection.
func listNames(ctx context.Context, e *rest.Endpoint, route string) ([]string, error) {
	items, err := listItems(ctx, e, route)
	names := make([]string, len(items))
	for i, it := range items {
		names[i] = it.Name
	}
	return names, err
}

// DuplicateError says that GoldenGate lists several objects under one name. Only the first counts,
// because two samples with the same labels would fail the whole scrape.
type DuplicateError struct {
	// Name is the name that the objects share.
	Name string
	// More is how many duplicates there are beside the first, of this name or of others.
	More int
}

func (e *DuplicateError) Error() string {
	if e.More > 0 {
		return fmt.Sprintf("%d duplicates, the first is %q: only the first of each name is read", e.More+1, wire.OneLine(e.Name))
	}
	return fmt.Sprintf("%q is listed more than once: only the first is read", wire.OneLine(e.Name))
}

// unnamed returns the error of a list in which that many entries lack their name, which GoldenGate
// documents as required; nil if none does. Such an entry cannot be read, but may be one to worry
// about.
func unnamed(entries int) error {
	if entries == 0 {
		return nil
	}
	return fmt.Errorf("%d entries without a name", entries)
}

// unique keeps the first entry of each name. It returns a *DuplicateError if there are others, and
// fails if there are entries without a name.
func unique[T any](entries []T, name func(T) string) ([]T, error) {
	var duplicates *DuplicateError
	lost, seen := 0, make(map[string]bool, len(entries))
	kept := make([]T, 0, len(entries))
	for _, entry := range entries {
		key := name(entry)
		switch {
		case key == "":
			lost++
		case seen[key] && duplicates == nil:
			duplicates = &DuplicateError{Name: key}
		case seen[key]:
			duplicates.More++
		default:
			seen[key] = true
			kept = append(kept, entry)
		}
	}
	if duplicates == nil {
		return kept, unnamed(lost)
	}
	return kept, wire.Join(duplicates, unnamed(lost))
}
