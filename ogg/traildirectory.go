package ogg

import (
	"iter"
	"slices"
	"strings"
)

// directories are the different directories of the trails of one name, as turned returns them and
// sorted: those with a common end lie side by side.
type directories []string

// directoriesOf returns the directories of those trails that are wanted, by the name of the trail.
func directoriesOf(trails iter.Seq[trailLocation], wanted func(trailLocation) bool) map[string]directories {
	all := map[string]directories{}
	for at := range trails {
		if wanted(at) {
			all[at.name] = append(all[at.name], turned(at.directory))
		}
	}
	for name, d := range all {
		slices.Sort(d)
		all[name] = slices.Compact(d)
	}
	return all
}

// turned returns a directory with its last segment first, and a slash behind each: u02/north becomes
// north/u02/.
func turned(directory string) string {
	segments := strings.Split(directory, "/")
	slices.Reverse(segments)
	return strings.Join(segments, "/") + "/"
}

// among returns the absolute location that a relative one stands for, if exactly one of the
// directories of absolute ones with the same name matches; otherwise l itself.
func (l trailLocation) among(absolute directories) trailLocation {
	if !l.relative {
		return l
	}
	if directory, is := absolute.onlyOne(l.directory); is {
		return trailLocation{directory: directory, name: l.name}
	}
	return l
}

// onlyOne returns the directory that ends in end, in whole segments, if there is exactly one.
func (d directories) onlyOne(end string) (string, bool) {
	directory, found, several := d.endingIn(end)
	if several {
		return "", false
	}
	return directory, found
}

// endingIn returns a directory that ends in end, in whole segments, whether there is one, and whether
// there are several.
func (d directories) endingIn(end string) (directory string, found, several bool) {
	prefix := ""
	if end != "" {
		prefix = turned(end)
	}
	i, _ := slices.BinarySearch(d, prefix)
	has := func(i int) bool { return i < len(d) && strings.HasPrefix(d[i], prefix) }
	if !has(i) {
		return "", false, false
	}
	return strings.TrimSuffix(turned(strings.TrimSuffix(d[i], "/")), "/"), true, has(i + 1)
}

// distinctEnd returns the shortest end of a directory, which is one of them, in whole segments, that
// none of the others shares.
func (d directories) distinctEnd(directory string) string {
	if len(d) == 1 {
		return ""
	}
	own := turned(directory)
	i, _ := slices.BinarySearch(d, own)
	shared := 0
	for _, beside := range []int{i - 1, i + 1} {
		if beside >= 0 && beside < len(d) {
			shared = max(shared, sharedSegments(own, d[beside]))
		}
	}
	segments := strings.Split(directory, "/")
	return strings.Join(segments[max(0, len(segments)-shared-1):], "/")
}

// sharedSegments returns how many segments two directories have in common at their ends.
func sharedSegments(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n++
		}
	}
	return n
}
