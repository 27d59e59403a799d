package ogg

import (
	"path"
	"strings"
	"sync"
)

// trailLocation is where a trail lies: its directory without slashes at either
// end, and its name.
type trailLocation struct{ directory, name string }

// locate makes one of the path and the name that GoldenGate reports: the path
// with or without a slash at its end, and since 23ai a name that may itself
// begin with a directory.
func locate(dir, name string) trailLocation {
	directory, base := path.Split(name)
	return trailLocation{strings.Trim(path.Clean("/"+dir+"/"+directory), "/"), base}
}

// trailNames names the trails of a deployment. It remembers where each process
// was last known to read, so that a trail keeps its name while another process
// of the same deployment cannot be read.
type trailNames struct {
	mu    sync.Mutex
	known map[string]trailLocation // by type and name of the process
}

// name fills in the trails' names in the positions of processes, which are all
// that the deployment has.
func (t *trailNames) name(processes []*Process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := make(map[string]trailLocation, len(processes))
	for _, p := range processes {
		key := string(p.Type) + " " + p.Name
		if p.Position != nil {
			known[key] = p.Position.location
		} else if before, ok := t.known[key]; ok {
			known[key] = before
		}
	}
	t.known = known
	labels := trailLabels(known)
	for _, p := range processes {
		if p.Position != nil {
			p.Position.Trail = labels[p.Position.location]
		}
	}
}

// trailLabels names each trail: its own name, and before it the shortest end of
// its directory that no other trail of that name shares.
func trailLabels(known map[string]trailLocation) map[trailLocation]string {
	directories := map[string]map[string]bool{} // by trail name
	for _, at := range known {
		if directories[at.name] == nil {
			directories[at.name] = map[string]bool{}
		}
		directories[at.name][at.directory] = true
	}
	labels := make(map[trailLocation]string, len(known))
	for _, at := range known {
		labels[at] = path.Join(distinctEnd(at.directory, directories[at.name]), at.name)
	}
	return labels
}

// distinctEnd returns the shortest end of directory, in whole segments, that is
// not also an end of one of the others.
func distinctEnd(directory string, all map[string]bool) string {
	if len(all) == 1 {
		return ""
	}
	segments := strings.Split(directory, "/")
	for n := 1; n < len(segments); n++ {
		end := strings.Join(segments[len(segments)-n:], "/")
		if !sharedEnd(end, directory, all) {
			return end
		}
	}
	return directory
}

// sharedEnd reports whether a directory other than own ends in end.
func sharedEnd(end, own string, all map[string]bool) bool {
	for other := range all {
		if other != own && strings.HasSuffix("/"+other, "/"+end) {
			return true
		}
	}
	return false
}
