package ogg

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

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
// removed.
func withoutThreads(ctx context.Context, v *visit, admin *rest.Endpoint, items []item) ([]item, error) {
	modes, err := modesOf(ctx, v, admin, groupsOfThreads(v, items))
	for _, group := range slices.Sorted(maps.Keys(modes)) {
		if modes[group] == "" {
			v.remark(fmt.Sprintf("the mode of %s is not reported: Replicats with the name of one of its threads are read as processes", group))
		}
	}
	return slices.DeleteFunc(items, func(i item) bool {
		group, is := groupOfThread(i.Name)
		return is && modes[group] == "coordinated"
	}), err
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

// modeInterval is how often the mode of a Replicat is read.
const modeInterval = 15 * time.Minute

// modeMemory remembers the modes of Replicats until the Administration Service restarts.
type modeMemory struct {
	mu    sync.Mutex
	known map[string]knownMode
}

type knownMode struct {
	mode string
	read time.Time
}

// modesOf returns the modes of the Replicats, in lower case, empty if not reported. It omits
// those that cannot be read, and forgets all others.
func modesOf(ctx context.Context, v *visit, admin *rest.Endpoint, replicats []string) (map[string]string, error) {
	memory, now := wire.Remembered[modeMemory](admin.Memory()), v.options.Now()
	memory.mu.Lock()
	before := memory.known
	memory.mu.Unlock()
	found, errs := make([]knownMode, len(replicats)), make([]error, len(replicats))
	admin.OnEach(errs, func(i int) (err error) {
		found[i] = before[replicats[i]]
		if now.Sub(found[i].read) >= modeInterval {
			found[i] = knownMode{read: now}
			found[i].mode, err = readMode(ctx, admin, replicats[i])
		}
		return err
	})
	known, modes := map[string]knownMode{}, map[string]string{}
	for i, replicat := range replicats {
		if errs[i] == nil {
			known[replicat], modes[replicat] = found[i], found[i].mode
		}
	}
	memory.mu.Lock()
	defer memory.mu.Unlock()
	memory.known = known
	return modes, wire.Summarize(errs, "modes of Replicats")
}

// readMode reads GET /replicats/{r} (all releases; role User): mode.type, such as integrated or
// coordinated.
func readMode(ctx context.Context, admin *rest.Endpoint, replicat string) (string, error) {
	config, err := rest.GetWhole[struct {
		Mode struct {
			Type string `json:"type"`
		} `json:"mode"`
	}](ctx, admin, "/replicats/"+rest.Segment(replicat))
	if err != nil {
		return "", fmt.Errorf("which Replicats are threads of %s is unknown: %w", replicat, err)
	}
	return strings.ToLower(config.Mode.Type), nil
}
