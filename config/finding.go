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

// finding is one mistake of the user, and one line of the error that Load returns.
type finding struct {
	file string
	line int    // 0: there is no file
	path string // field path; "" for the file as a whole
	what string
}

// Error returns "file:line: field: what is wrong", less what is not known.
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

// printable escapes a field path with a key of the user's that would break the line.
func printable(path string) string {
	if !strings.ContainsFunc(path, unicode.IsControl) {
		return path
	}
	quoted := strconv.Quote(path)
	return quoted[1 : len(quoted)-1]
}

// findings collects mistakes, and knows where in the file each field is.
type findings struct {
	file  string
	lines map[string]int    // field path → line; also the set of the fields that are present
	names map[string]string // field path → what the user calls it, where that differs (flags)
	list  []*finding
}

// has says whether the user set the field.
func (f *findings) has(path string) bool {
	_, ok := f.lines[path]
	return ok
}

// add records a mistake about a field; a field that is absent has the line of what should hold it.
func (f *findings) add(path, format string, args ...any) {
	f.addAt(f.line(path), path, format, args...)
}

// addAt records a mistake about a field on a line that the caller knows.
func (f *findings) addAt(line int, path, format string, args ...any) {
	name := path
	if n, ok := f.names[path]; ok {
		name = n
	}
	f.list = append(f.list, &finding{file: f.file, line: line, path: name, what: fmt.Sprintf(format, args...)})
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

// sibling is how a message about one key calls another of the same mapping.
func (f *findings) sibling(path, key string) string {
	if name, ok := f.names[join(path, key)]; ok {
		return name
	}
	return key
}

// alternative offers another key of the same mapping, if the user has a way to set it.
func (f *findings) alternative(path, key string) string {
	if _, ok := f.names[join(path, key)]; !ok && f.names != nil {
		return ""
	}
	return "; set it or " + f.sibling(path, key)
}

// err returns all findings in the order of the file, joined, or nil.
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
	return errors.Join(errs...)
}

// join appends a key to a field path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// index appends the position in a list to a field path.
func index(path string, i int) string {
	return fmt.Sprintf("%s[%d]", path, i)
}
