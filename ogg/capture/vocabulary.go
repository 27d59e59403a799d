package capture

import (
	_ "embed"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
)

// The lists of what a capture keeps. They are written by hand from GoldenGate's documentation;
// words that may be names of somebody's host, user or company do not belong into them.
//
//   - api.txt: segments of routes, services, types and states
//   - words.txt: what messages of GoldenGate, of proxies and of the exporter consist of
//   - figures.txt: members of JSON objects whose numbers and timestamps stay
//   - texts.txt: members of which only the words stay that are in one of the lists
var (
	//go:embed vocabulary/api.txt
	apiWords string
	//go:embed vocabulary/words.txt
	messageWords string
	//go:embed vocabulary/figures.txt
	figureMembers string
	//go:embed vocabulary/texts.txt
	textMembers string
)

// products are the values of dbms and platform. Elsewhere they may be names.
const products = "oracle mysql mariadb sqlserver postgresql postgres db2 luw zos teradata sybase timesten linux windows aix solaris sparc optimized x64 x86"

// vocabulary is what a capture keeps, all in lower case.
type vocabulary struct {
	api      map[string]bool // with the names of members
	words    map[string]bool
	figures  map[string]bool
	members  map[string]bool // with figures
	products map[string]bool
}

func newVocabulary() vocabulary {
	v := vocabulary{
		api: setOf(apiWords, figureMembers, textMembers), words: setOf(messageWords),
		figures: setOf(figureMembers), members: setOf(figureMembers, textMembers), products: setOf(products),
	}
	v.members[""] = true // an array that is no member
	return v
}

// setOf returns the words of the lists.
func setOf(lists ...string) map[string]bool {
	set := map[string]bool{}
	for _, list := range lists {
		for word := range strings.FieldsSeq(strings.ToLower(list)) {
			set[word] = true
		}
	}
	return set
}

// hasMember reports whether the name of a member stays: those in the lists, and those that a later
// release makes of known words, such as trailWriteErrors.
func (v vocabulary) hasMember(name string) bool {
	if v.members[strings.ToLower(name)] {
		return true
	}
	parts := strings.Fields(humpPattern.ReplaceAllString(name, "$1 $2"))
	for _, part := range parts {
		part = strings.ToLower(part)
		if strings.ContainsFunc(part, notLetter) || !v.words[part] && !v.api[part] {
			return false
		}
	}
	return len(parts) > 0
}

// humpPattern matches where a word of a camelCase name ends.
var humpPattern = regexp.MustCompile(`([a-z])([A-Z])`)

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// isFigure reports whether a text is no more than a number, a timestamp or a version, in a member
// that has such.
func (v vocabulary) isFigure(member, text string) bool {
	member = strings.ToLower(member)
	return v.figures[member] && figurePattern.MatchString(text) && (!isAddress(text) || isVersion(member) && versionPattern.MatchString(text))
}

// isAddress reports whether a text is an IP address, perhaps with a port.
func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	_, errWithPort := netip.ParseAddrPort(text)
	return err == nil || errWithPort == nil
}

func isVersion(member string) bool { return strings.HasSuffix(member, "version") }

// versionPattern matches the versions of GoldenGate and its databases that could be addresses.
var versionPattern = regexp.MustCompile(`^(?:1[1-9]|2\d)\.\d{1,2}\.\d{1,2}\.\d{1,2}$`)

var figurePattern = regexp.MustCompile(`^(?:[-+]?\d{1,40}(?:[.:]\d{1,20}){0,8}(?:[Ee][-+]?\d{1,3})?|` + timestampForm + `)$`)

const timestampForm = `\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?`
