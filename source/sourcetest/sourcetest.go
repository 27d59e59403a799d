// Package sourcetest replaces files in the ways in which configuration files are
// replaced, for the tests of what watches them. It knows nothing of their content.
package sourcetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Replacements are the ways in which a file gets another text.
var Replacements = map[string]func(t *testing.T, path, text string){
	"renamed over": func(t *testing.T, path, text string) {
		must(t, os.WriteFile(path+"~", []byte(text), 0o600))
		must(t, os.Rename(path+"~", path))
	},
	"written over": func(t *testing.T, path, text string) {
		must(t, os.WriteFile(path, []byte(text), 0o600))
	},
	"removed and written": func(t *testing.T, path, text string) {
		must(t, os.Remove(path))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	},
	"Kubernetes": mount,
}

// mount has the text at path in the way of Kubernetes: path is a link into ..data,
// which is a link to a directory that never changes. The first time, path may be a
// file.
func mount(t *testing.T, path, text string) {
	t.Helper()
	dir := filepath.Dir(path)
	data, err := os.MkdirTemp(dir, "..")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(data, filepath.Base(path)), []byte(text), 0o600))
	must(t, os.Symlink(data, filepath.Join(dir, "..data_tmp")))
	must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "..data") {
		return
	}
	must(t, os.Remove(path))
	must(t, os.Symlink(filepath.Join("..data", filepath.Base(path)), path))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
