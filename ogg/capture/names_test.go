package capture

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// rootsOfMasked are the segments of a route that precede a name that a capture masks.
var rootsOfMasked = []string{"connections", "heartbeat", "certificates", "server", "client", "truststore"}

// TestRootsOfNames checks that of each route it is decided whether the names in it stay: whoever
// adds a resource has to add its route to rootsOfNames, or to rootsOfMasked here.
func TestRootsOfNames(t *testing.T) {
	names := 0
	for _, route := range oggtest.Routes() {
		segments := strings.Split(route, "/")
		for i, segment := range segments {
			if !strings.HasPrefix(segment, "{") {
				continue
			}
			names++
			root := segments[i-1]
			if strings.HasPrefix(root, "{") {
				root = segments[i-2]
			}
			if !slices.Contains(rootsOfNames, root) && !slices.Contains(rootsOfMasked, root) {
				t.Errorf("%s: is the name after %s to stay in a capture? Add that to rootsOfNames, or to rootsOfMasked", route, root)
			}
		}
	}
	if names < 20 {
		t.Errorf("only %d names in the routes", names)
	}
}

// TestRoutesAreSimulated checks that the simulation has a route for everything that a poll
// requests, so that TestRootsOfNames sees it.
func TestRoutesAreSimulated(t *testing.T) {
	for _, release := range oggtest.Releases {
		for _, path := range polledPaths(t, release) {
			if oggtest.RouteOf(path) == "" {
				t.Errorf("the simulation has no route for %s", path)
			}
		}
	}
}

// polledPaths returns the paths that a poll of an installation with everything requests.
func polledPaths(t *testing.T, release oggtest.Release) []string {
	t.Helper()
	_, sm := throughProxy(t, secretive(release))
	c, err := ogg.NewClient(sm, readTables)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var mu sync.Mutex
	var paths []string
	c.Poll(ogg.WithTrace(context.Background(), func(x ogg.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		path, _, _ := strings.Cut(x.Path, "?")
		paths = append(paths, path)
	}))
	return paths
}
