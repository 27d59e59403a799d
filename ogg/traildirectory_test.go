package ogg

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTrailDirectories compares random directories with what their definition says, each against
// each.
func TestTrailDirectories(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var all []string
		var trails []trailLocation
		for range 1 + random.IntN(8) {
			var segments []string
			for range random.IntN(5) {
				segments = append(segments, []string{"a", "b", "a-b", "a.b", "ab", "é"}[random.IntN(6)])
			}
			all = append(all, strings.Join(segments, "/"))
			trails = append(trails, trailLocation{directory: all[len(all)-1], name: "ea"})
		}
		d := directoriesOf(slices.Values(trails), func(trailLocation) bool { return true })["ea"]
		slices.Sort(all)
		all = slices.Compact(all)
		for _, directory := range all {
			if got, want := d.distinctEnd(directory), distinctEndOf(directory, all); got != want {
				t.Fatalf("of %q, %q: got %q, want %q", all, directory, got, want)
			}
			end := path.Base("/" + directory)
			for _, end := range []string{directory, strings.Trim(end, "/"), ""} {
				got, is := d.onlyOne(end)
				if want, wanted := onlyOneOf(end, all); got != want || is != wanted {
					t.Fatalf("of %q, those that end in %q: got %q, %v, want %q, %v", all, end, got, is, want, wanted)
				}
			}
		}
	}
}

// endsIn reports whether the directory ends in end, in whole segments.
func endsIn(directory, end string) bool {
	return end == "" || strings.HasSuffix("/"+directory, "/"+end)
}

// distinctEndOf is directories.distinctEnd by its definition.
func distinctEndOf(directory string, all []string) string {
	if len(all) == 1 {
		return ""
	}
	segments := strings.Split(directory, "/")
	for n := 1; n < len(segments); n++ {
		end := strings.Join(segments[len(segments)-n:], "/")
		if !slices.ContainsFunc(all, func(other string) bool { return other != directory && endsIn(other, end) }) {
			return end
		}
	}
	return directory
}

// onlyOneOf is directories.onlyOne by its definition.
func onlyOneOf(end string, all []string) (string, bool) {
	matching := slices.DeleteFunc(slices.Clone(all), func(directory string) bool { return !endsIn(directory, end) })
	if len(matching) != 1 {
		return "", false
	}
	return matching[0], true
}

// BenchmarkTrailNames names n trails of one name: the time for each has to stay the same.
func BenchmarkTrailNames(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		var trails []string
		for i := range n {
			trails = append(trails, fmt.Sprintf("/x/%d|ea", i), fmt.Sprintf("%d|ea", i))
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				(&trailNames{}).named(trails...)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/trail")
		})
	}
}
