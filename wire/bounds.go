package wire

import (
	"bytes"
	"fmt"
)

// What a document may have. More is not what Oracle's APIs return: it would only take memory and
// time.
const (
	// MaxEntries is how many entries one list may have.
	MaxEntries = 20_000
	// MaxText is how long a text may be that becomes a label, in bytes.
	MaxText = 512
	// longestText is how long such a text may be as it is written, in quotes and escaped.
	longestText = 6*MaxText + 2
	// maxDepth is how deep objects and lists may nest, and maxName how long the name of a member
	// may be, in bytes.
	maxDepth = 64
	maxName  = 512
	// A document may have fewObjects, and beyond that one for each leastObject of its bytes, but
	// never more than maxObjects: an object can take a hundred times the memory of the "{}" that
	// it is decoded from.
	maxObjects  = 100_000
	fewObjects  = 1_000
	leastObject = 16
)

// BoundError says which bound a document exceeds. None of it is decoded.
type BoundError struct{ Exceeds string }

func (e *BoundError) Error() string { return e.Exceeds }

// TooLong returns a *BoundError for a text of that many bytes.
func TooLong(bytes int) error {
	return &BoundError{fmt.Sprintf("a text of %d bytes, more than the %d of a label", bytes, MaxText)}
}

// Check returns a *BoundError if the document exceeds a bound.
func Check(document []byte) error { return measure(document).check(MaxEntries) }

// shape is what a document has of what takes memory or time to decode, without its values.
type shape struct {
	size, objects int
	depth         int // of the deepest value
	entries       int // of the longest list
	outer         int // entries of all lists that are in no other list
	name, text    int // the longest, in bytes as they are written
}

// measure returns the shape of a document, which need not be JSON. It stops where the document
// nests too deep.
func measure(document []byte) shape {
	s := shape{size: len(document)}
	var commas [maxDepth + 1]int
	var isList [maxDepth + 1]bool
	depth, lists, text := 0, 0, 0
	for i := 0; i < len(document); i++ {
		switch document[i] {
		case '"':
			text = endOfText(document[i+1:])
			i += text + 1
			s.text = max(s.text, text)
		case ':':
			s.name = max(s.name, text)
		case ',':
			commas[depth]++
		case '{', '[':
			if document[i] == '{' {
				s.objects++
			}
			depth++
			if s.depth = max(s.depth, depth); depth > maxDepth {
				return s
			}
			commas[depth], isList[depth] = 0, document[i] == '['
			if isList[depth] {
				lists++
			}
		case ']', '}':
			if isList[depth] {
				s.entries = max(s.entries, commas[depth]+1)
				if lists--; lists == 0 {
					s.outer += commas[depth] + 1
				}
			}
			isList[depth] = false
			depth = max(depth-1, 0)
		}
	}
	return s
}

// endOfText returns where a text ends that begins behind its quote: at the next quote that no
// backslash escapes.
func endOfText(rest []byte) int {
	for at := 0; ; at++ {
		next := bytes.IndexByte(rest[at:], '"')
		if next < 0 {
			return len(rest)
		}
		at += next
		if before := bytes.TrimRight(rest[:at], `\`); (at-len(before))%2 == 0 {
			return at
		}
	}
}

// check returns a *BoundError if the document exceeds a bound, of which that of a list is given.
func (s shape) check(entries int) error {
	switch {
	case s.depth > maxDepth:
		return &BoundError{fmt.Sprintf("JSON that nests deeper than %d levels", maxDepth)}
	case s.objects > maxObjects || s.objects > fewObjects+s.size/leastObject:
		return &BoundError{fmt.Sprintf("a body of %d bytes with %d objects", s.size, s.objects)}
	case s.entries > entries:
		return &BoundError{fmt.Sprintf("a list of %d entries, more than the %d that are read", s.entries, entries)}
	case s.name > maxName:
		return &BoundError{fmt.Sprintf("a member with a name of %d bytes", s.name)}
	default:
		return nil
	}
}
