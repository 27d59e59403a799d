package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
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

// TestBaseImage: the image is built on one that cannot become another, and CI and releases have its Go.
func TestBaseImage(t *testing.T) {
	from := regexp.MustCompile(`(?m)^FROM .*\b(golang:([0-9.]+)@sha256:[0-9a-f]{64}) AS base$`).FindStringSubmatch(content(t, "../Dockerfile"))
	if from == nil {
		t.Fatal("the Dockerfile has no base image by version and digest")
	}
	stages := regexp.MustCompile(`(?m)^FROM (--platform=\S+ )?(\S+)`).FindAllStringSubmatch(content(t, "../Dockerfile"), -1)
	for _, stage := range stages {
		switch stage[2] {
		case from[1], "base", "$BINARY", "scratch":
		default:
			t.Errorf("a stage is built on %s", stage[2])
		}
	}
	for file, want := range map[string]string{"ci.yml": "\n    container: " + from[1] + "\n", "release.yml": "\n          go-version: " + from[2] + "\n"} {
		if !strings.Contains(content(t, "../.github/workflows/"+file), want) {
			t.Errorf("%s has no %q", file, want)
		}
	}
}

// TestActions: the workflows use no action that could become another.
func TestActions(t *testing.T) {
	files, err := filepath.Glob("../.github/workflows/*.yml")
	must(t, err)
	used := 0
	for _, file := range files {
		for _, m := range regexp.MustCompile(`\buses: (.*)`).FindAllStringSubmatch(content(t, file), -1) {
			used++
			if !regexp.MustCompile(`^(\./\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`).MatchString(m[1]) {
				t.Errorf("%s: %s is not of one commit", file, m[1])
			}
		}
	}
	if used < 5 {
		t.Errorf("only %d actions", used)
	}
}

// TestReleasedImage: what goreleaser puts beside the Dockerfile is what the stage "released" takes, and the
// images are for the platforms that have packages.
func TestReleasedImage(t *testing.T) {
	var release struct {
		Builds []struct{ Targets []string }
		Images []struct {
			ExtraFiles []string          `yaml:"extra_files"`
			BuildArgs  map[string]string `yaml:"build_args"`
			Platforms  []string
		} `yaml:"dockers_v2"`
	}
	must(t, yaml.Unmarshal([]byte(content(t, "../.goreleaser.yml")), &release))
	image := release.Images[0]
	want := "\nFROM base AS " + image.BuildArgs["BINARY"] + "\nARG TARGETPLATFORM\nCOPY " + strings.Join(image.ExtraFiles, " ") + " $TARGETPLATFORM/ogg_exporter ./\n"
	if !strings.Contains(content(t, "../Dockerfile"), want) {
		t.Errorf("the Dockerfile has no %q", want)
	}
	var linux []string
	for _, build := range release.Builds {
		for _, target := range build.Targets {
			if strings.HasPrefix(target, "linux_") {
				linux = append(linux, strings.Replace(target, "_", "/", 1))
			}
		}
	}
	if !slices.Equal(linux, image.Platforms) {
		t.Errorf("images are for %q and programs for %q", image.Platforms, linux)
	}
}
