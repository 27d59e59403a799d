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

// TestRootsOfNames checks that each name in a route that a poll requests is known to be kept
// or masked: whoever adds a resource must add its route to rootsOfNames, or to rootsOfMasked
// here.
func TestRootsOfNames(t *testing.T) {
	routes := map[string]bool{}
	for _, release := range oggtest.Releases {
		for _, path := range polledPaths(t, release) {
			route := oggtest.RouteOf(path)
			if route == "" {
				t.Errorf("the simulation has no route for %s", path)
			}
			routes[route] = true
			checkRoots(t, route, path)
		}
	}
	for _, route := range []string{"/mpoints/{item}/processPerformance", "/trails/{trail}", "/targets/{path}/info"} {
		if !routes[route] {
			t.Errorf("%s was not requested", route)
		}
	}
}

// checkRoots checks that each name in the path is known to be kept or masked.
func checkRoots(t *testing.T, route, path string) {
	t.Helper()
	segments, names := strings.Split(route, "/"), strings.Split(path, "/")
	for i, segment := range segments {
		if !strings.HasPrefix(segment, "{") {
			continue
		}
		if root := names[i-1]; !slices.Contains(rootsOfNames, root) && !slices.Contains(rootsOfMasked, root) {
			t.Errorf("%s: does a capture keep the name after %s? Then add it to rootsOfNames, otherwise to rootsOfMasked", route, root)
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
