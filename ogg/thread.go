package ogg

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// groupOfThread returns the Replicat that name may be a thread of, if that Replicat is
// coordinated. A thread has the name of its Replicat, of at most 5 characters, followed by three
// digits.
func groupOfThread(name string) (string, bool) {
	digits := len(name) - 3
	if digits <= 0 || digits > 5 || strings.Trim(name[digits:], "0123456789") != "" {
		return "", false
	}
	return name[:digits], true
}

// withoutThreads removes the threads of coordinated Replicats. A name that has the form of a
// thread's is not enough, because other Replicats may end in digits too: the mode of the
// Replicat before the digits decides. Where it cannot be read, or is not reported, nothing is
// removed, nor where the service has left out the threads already.
func withoutThreads(ctx context.Context, v *visit, admin *rest.Endpoint, items []item, asked bool) ([]item, error) {
	modes, err := modesOf(ctx, v, admin, groupsOfThreads(v, items))
	coordinated := false
	for _, group := range slices.Sorted(maps.Keys(modes)) {
		coordinated = coordinated || modes[group] == "coordinated"
		if modes[group] == "" {
			v.remark(fmt.Sprintf("the mode of %s is not reported: Replicats with the name of one of its threads are read as processes", group))
		}
	}
	if coordinated && asked {
		leaves, leavesErr := leavesOutThreads(ctx, v, admin, items)
		if err = wire.Join(err, leavesErr); leaves {
			return items, err
		}
	}
	return slices.DeleteFunc(items, func(i item) bool {
		group, is := groupOfThread(i.Name)
		return is && modes[group] == "coordinated"
	}), err
}

// threadMemory keeps whether the Administration Service leaves out the threads when it is asked to.
type threadMemory struct{ slowFacts[bool] }

// leavesOutThreads reports whether the service left out the threads in that list, for which it was
// asked with threads=none: a release that does not know the parameter may ignore it. It reads the list
// without the parameter every 15 minutes, which then has more names.
func leavesOutThreads(ctx context.Context, v *visit, admin *rest.Endpoint, items []item) (bool, error) {
	listed := make(map[string]bool, len(items))
	for _, i := range items {
		listed[i.Name] = true
	}
	memory := wire.Remembered[threadMemory](v.memory)
	how := slowTerms{what: "threads", interval: definitionsEvery, service: admin, needed: true}
	memory.read(ctx, v, how, only(v.stateOf("adminsrvr", wire.Timestamp{}, "")), func(ctx context.Context, _ string, before bool) (bool, error) {
		all, err := listItems(ctx, admin, processRoutes[Replicat])
		if err != nil {
			return before, fmt.Errorf("whether threads are listed is unknown: %w", err)
		}
		return slices.ContainsFunc(all, func(i item) bool { return !listed[i.Name] }), nil
	})
	leaves, _, err := memory.get("")
	return leaves, err
}

// groupsOfThreads returns the Replicats that a selected one has the name of a thread of.
func groupsOfThreads(v *visit, items []item) []string {
	listed, groups := map[string]bool{}, map[string]bool{}
	for _, i := range items {
		listed[i.Name] = true
	}
	for _, i := range items {
		if group, is := groupOfThread(i.Name); is && listed[group] && v.config.WantsProcess(i.Name) {
			groups[group] = true
		}
	}
	return slices.Sorted(maps.Keys(groups))
}

// modesOf returns the modes of the Replicats in lower case, empty if not reported. It omits those
// that cannot be read.
func modesOf(ctx context.Context, v *visit, admin *rest.Endpoint, replicats []string) (map[string]string, error) {
	modes, errs := map[string]string{}, make([]error, len(replicats))
	definition := definitionNow(ctx, v, admin, replicats...)
	for i, replicat := range replicats {
		found, err := definition(replicat)
		switch {
		case found != nil && (found.Mode != "" || err == nil):
			modes[replicat] = found.Mode
		case err != nil:
			errs[i] = fmt.Errorf("which Replicats are threads of %s is unknown: %w", replicat, err)
		}
	}
	return modes, wire.Summarize(errs, "modes of Replicats")
}
