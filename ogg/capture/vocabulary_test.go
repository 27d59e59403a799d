package capture

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestVocabularyHasRoutes checks that the segments of routes stay, so that a replay knows them.
// Whoever adds a resource adds its route to vocabulary/api.txt.
func TestVocabularyHasRoutes(t *testing.T) {
	m := newTestMasker(t)
	for _, route := range oggtest.Routes() {
		for segment := range strings.SplitSeq(route, "/") {
			if !strings.HasPrefix(segment, "{") && m.text(segment) != segment {
				t.Errorf("%s: add %s to vocabulary/api.txt", route, segment)
			}
		}
	}
}

// TestVocabularyHasMembers checks that the members and figures in everything that is simulated
// stay.
func TestVocabularyHasMembers(t *testing.T) {
	v := newVocabulary()
	for _, release := range oggtest.Releases {
		for _, x := range polled(t, release) {
			for member, figures := range membersOf(x.Body) {
				if !v.hasMember(member) {
					t.Errorf("%s: add %s to vocabulary/texts.txt or figures.txt", x.Path, member)
				}
				if figures && !general[member] && !v.figures[strings.ToLower(member)] {
					t.Errorf("%s: add %s to vocabulary/figures.txt", x.Path, member)
				}
			}
		}
	}
}

// TestVocabularyHasNoNames checks that words which people give to their hosts, users and databases
// are not in the lists, and that no pseudonym is.
func TestVocabularyHasNoNames(t *testing.T) {
	v := newVocabulary()
	for name := range strings.FieldsSeq("oracle scott tiger sales orcl orclpdb1 pdb1 admin administrator root guest oggadmin ggadmin monitor " +
		"prod test01 north south east west london frankfurt berlin acme company secret welcome welcome1 changeme letmein hunter2") {
		if v.words[name] || v.api[name] {
			t.Errorf("%s may be a name", name)
		}
	}
	for n := range 36 * 36 {
		p := "x" + strconv.FormatInt(int64(n), 36) + "x"
		if v.words[p] || v.api[p] {
			t.Errorf("%s is a pseudonym", p)
		}
	}
}

// membersOf returns the members of a document, and whether each has numbers.
func membersOf(body []byte) map[string]bool {
	found := map[string]bool{}
	var walk func(member string, value any)
	walk = func(member string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, value := range v {
				if _, seen := found[name]; !seen {
					found[name] = false
				}
				walk(name, value)
			}
		case []any:
			for _, value := range v {
				walk(member, value)
			}
		case float64:
			found[member] = true
		}
	}
	var document any
	_ = json.Unmarshal(body, &document) // what is not JSON has no members
	walk("", document)
	return found
}

// TestRoutesAreSimulated checks that the simulation has a route for everything that a poll
// requests, so that TestVocabularyHasRoutes sees it.
func TestRoutesAreSimulated(t *testing.T) {
	for _, release := range oggtest.Releases {
		for _, x := range polled(t, release) {
			path, _, _ := strings.Cut(x.Path, "?")
			if oggtest.RouteOf(path) == "" {
				t.Errorf("the simulation has no route for %s", path)
			}
		}
	}
}

// polled returns the requests of a poll of an installation with everything.
func polled(t *testing.T, release oggtest.Release) []ogg.Exchange {
	t.Helper()
	_, sm := throughProxy(t, secretive(release))
	p, err := pollOnce(t.Context(), sm, readTables)
	if err != nil {
		t.Fatal(err)
	}
	return p.exchanges
}
