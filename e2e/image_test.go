package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestImageHasSources checks that .dockerignore lets every file of the exporter's packages into
// the build of the image, those that are embedded among them.
func TestImageHasSources(t *testing.T) {
	ignore, err := os.ReadFile("../.dockerignore")
	must(t, err)
	let := map[string]bool{}
	for line := range strings.Lines(string(ignore)) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "!"); is {
			let[name] = true
		}
	}
	c := exec.Command("go", "list", "-deps", "-f", `{{with .Module}}{{if .Main}}{{range $.EmbedFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}{{$.Dir}}/x.go{{"\n"}}{{end}}{{end}}`, ".")
	c.Dir = ".."
	files, err := c.Output()
	must(t, err)
	root, err := filepath.Abs("..")
	must(t, err)
	seen := 0
	for file := range strings.FieldsSeq(string(files)) {
		name, err := filepath.Rel(root, file)
		must(t, err)
		seen++
		top, _, inside := strings.Cut(filepath.ToSlash(name), "/")
		if !let[top] && (inside || filepath.Ext(top) != ".go") {
			t.Errorf("%s is not in the build of the image; add !%s to .dockerignore", name, top)
		}
	}
	if seen < 10 {
		t.Errorf("only %d files", seen)
	}
}
