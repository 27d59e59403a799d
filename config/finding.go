package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// finding is one mistake in the configuration, and one line of the error that Load returns.
type finding struct {
	file string
	line int    // 0 if there is no file
	path string // field path; "" for the file as a whole
	what string
}

// Error returns "file:line: field: what is wrong", without the parts that are unknown.
func (f *finding) Error() string {
	var b strings.Builder
	if f.line > 0 {
		fmt.Fprintf(&b, "%s:%d: ", f.file, f.line)
	}
	if f.path != "" {
		b.WriteString(printable(f.path) + ": ")
	}
	b.WriteString(f.what)
	return b.String()
}

// maxPath is how much of a field path is printed, in bytes.
const maxPath = 300

// printable shortens a field path, and escapes it if one of its keys would break the line.
func printable(path string) string {
	if len(path) > maxPath {
		path = strings.ToValidUTF8(path[:maxPath], "") + "…"
	}
	if !strings.ContainsFunc(path, unicode.IsControl) {
		return path
	}
	quoted := strconv.Quote(path)
	return quoted[1 : len(quoted)-1]
}

// findings collects mistakes, and knows the line of each field.
type findings struct {
	file  string
	lines map[string]int    // field path → line; its keys are the fields that are present
	names map[string]string // field path → name in messages, where that differs (flags)
	list  []*finding
	more  int             // mistakes beyond maxListed
	about map[string]bool // fields with a finding
}

// has reports whether the user set the field.
func (f *findings) has(path string) bool {
	_, ok := f.lines[path]
	return ok
}

// add records a mistake in a field. For an absent field, the line is that of the nearest one around
// it.
func (f *findings) add(path, format string, args ...any) {
	f.addAt(f.line(path), path, format, args...)
}

// addAt records a mistake in a field, on a line that the caller knows.
func (f *findings) addAt(line int, path, format string, args ...any) {
	name := path
	if n, ok := f.names[path]; ok {
		name = n
	}
	if f.about == nil {
		f.about = map[string]bool{}
	}
	f.about[name] = true
	if len(f.list) >= maxListed {
		f.more++
		return
	}
	f.list = append(f.list, &finding{file: f.file, line: line, path: name, what: fmt.Sprintf(format, args...)})
}

// reported reports whether there is a finding about one of the fields already.
func (f *findings) reported(paths ...string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return f.about[path] })
}

// line returns the line of a field, or of the nearest one around it.
func (f *findings) line(path string) int {
	for {
		if line, ok := f.lines[path]; ok || path == "" {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// sibling returns the name of another key of the same mapping, for use in a message.
func (f *findings) sibling(path, key string) string {
	if name, ok := f.names[join(path, key)]; ok {
		return name
	}
	return key
}

// alternative suggests another key of the same mapping, if the user can set it.
func (f *findings) alternative(path, key string) string {
	if _, ok := f.names[join(path, key)]; !ok && f.names != nil {
		return ""
	}
	return "; set it or " + f.sibling(path, key)
}

const (
	// maxReported is how many mistakes are reported one by one, the first in the file.
	maxReported = 100
	// maxListed is how many are kept from which to choose them.
	maxListed = 100 * maxReported
)

// err returns the findings in the order of the file, joined; nil if there are none.
func (f *findings) err() error {
	slices.SortFunc(f.list, func(a, b *finding) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.path, b.path), cmp.Compare(a.what, b.what))
	})
	var errs []error
	for i, x := range f.list {
		if i == 0 || *x != *f.list[i-1] {
			errs = append(errs, x)
		}
	}
	if n := len(errs) + f.more - maxReported; n > 1 {
		errs = append(errs[:maxReported], fmt.Errorf("%s: and %d more mistakes", f.file, n))
	}
	return errors.Join(errs...)
}

// join appends a key to a field path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// cutLast splits a field path at its last key.
func cutLast(path string) (parent, key string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}

// index appends a position in a list to a field path.
func index(path string, i int) string {
	return fmt.Sprintf("%s[%d]", path, i)
}
