// Command licenses prints the license of the exporter and those of the modules that are linked
// into its binary, for LICENSES.txt:
//
//	go run ./house/licenses > LICENSES.txt
//
// It reads the files that the modules ship: in the directory of each package that is linked, and
// in those above it, up to the module's own.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := write(os.Stdout, "."); err != nil {
		fmt.Fprintln(os.Stderr, "licenses: error:", err)
		os.Exit(1)
	}
}

// own is what precedes the list.
const own = `ogg_exporter is licensed under the Apache License, Version 2.0 (Apache-2.0).

Its binary contains the modules below and Go's standard library. Each is followed by its
license and its notices.
`

// write writes the licenses of the command in a directory.
func write(out io.Writer, dir string) error {
	goroot, err := list(dir, "env", "GOROOT")
	if err != nil {
		return err
	}
	modules, err := modulesOf(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, strings.TrimSpace(own))
	if err := printFiles(out, "Go standard library", strings.TrimSpace(goroot), []string{"LICENSE"}); err != nil {
		return err
	}
	for _, m := range modules {
		files, err := m.files()
		if err != nil {
			return err
		}
		if err := printFiles(out, m.path+" "+m.version, m.dir, files); err != nil {
			return err
		}
	}
	return nil
}

// module is a module that is linked into the binary.
type module struct {
	path, version, dir string
	packages           []string // directories
}

// modulesOf returns the modules that are linked into the command in a directory, sorted.
func modulesOf(dir string) ([]*module, error) {
	text, err := list(dir, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", ".")
	if err != nil {
		return nil, err
	}
	found := map[string]*module{}
	for line := range strings.Lines(text) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 4 {
			if found[f[0]] == nil {
				found[f[0]] = &module{path: f[0], version: f[1], dir: f[2]}
			}
			found[f[0]].packages = append(found[f[0]].packages, f[3])
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *module) int { return cmp.Compare(a.path, b.path) }), nil
}

// list returns what the go command prints, for the platform of the image.
func list(dir string, args ...string) (string, error) {
	c := exec.Command("go", args...) //nolint:gosec,noctx // a command of the house
	c.Dir = dir
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", args[0], err, &stderr)
	}
	return string(out), nil
}

// legalPattern matches the names of files that hold a license or a notice.
var legalPattern = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|copyright|patents)([.-].*)?$`)

// files returns the legal files of a module, relative to it and sorted.
func (m *module) files() ([]string, error) {
	found := map[string]bool{}
	for _, dir := range m.packages {
		for ; strings.HasPrefix(dir, m.dir); dir = filepath.Dir(dir) {
			entries, err := os.ReadDir(dir)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				name, err := filepath.Rel(m.dir, filepath.Join(dir, e.Name()))
				if err == nil && e.Type().IsRegular() && legalPattern.MatchString(e.Name()) && filepath.Ext(name) != ".go" {
					found[filepath.ToSlash(name)] = true
				}
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no license", m.path)
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// printFiles prints the legal files of a module.
func printFiles(out io.Writer, title, dir string, files []string) error {
	fmt.Fprintf(out, "\n%s\n%s\n", strings.Repeat("=", 80), title)
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file)) //nolint:gosec // a file of a module
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n--- %s\n\n%s\n", file, bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r"), nil)))
	}
	return nil
}
