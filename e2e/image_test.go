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

// TestBaseImages: the images are built on one that cannot become another, CI and releases have its Go, and
// the image of a release is the same as one that is built here.
func TestBaseImages(t *testing.T) {
	build, last, _ := strings.Cut(content(t, "../Dockerfile"), "\nFROM scratch\n")
	from := regexp.MustCompile(`(?m)^FROM (golang:([0-9.]+)@sha256:[0-9a-f]{64}) AS build$`).FindStringSubmatch(build)
	if from == nil || strings.Contains(last, "\nFROM ") {
		t.Fatal("the Dockerfile is not built on one image by version and digest")
	}
	for file, want := range map[string]string{
		"packaging/Dockerfile":          "\nFROM --platform=$BUILDPLATFORM " + from[1] + " AS build\n",
		".github/workflows/ci.yml":      "\n    container: " + from[1] + "\n",
		".github/workflows/clients.yml": "\n    container: golang:" + from[2] + "-bookworm@",
		".github/workflows/publish.yml": "\n          go-version: " + from[2] + "\n",
		".github/workflows/release.yml": "\n          go-version: " + from[2] + "\n",
	} {
		if !strings.Contains(content(t, "../"+file), want) {
			t.Errorf("%s has no %q", file, want)
		}
	}
	if _, released, _ := strings.Cut(content(t, "../packaging/Dockerfile"), "\nFROM scratch\n"); released != last {
		t.Errorf("the image of a release is another:\n%s\nthan\n%s", released, last)
	}
}

// TestActions: the workflows use no action and no image that could become another.
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
		for _, m := range regexp.MustCompile(`(?m)^ +(?:container|image): (\S+)`).FindAllStringSubmatch(content(t, file), -1) {
			if !regexp.MustCompile(`@sha256:[0-9a-f]{64}$`).MatchString(m[1]) {
				t.Errorf("%s: the image %s has no digest", file, m[1])
			}
		}
	}
	if used < 5 {
		t.Errorf("only %d actions", used)
	}
}

// TestReleasedImage: goreleaser puts beside packaging/Dockerfile what that takes, and the images are for the
// platforms that have packages.
func TestReleasedImage(t *testing.T) {
	var release struct {
		Builds []struct{ Targets []string }
		Images []struct {
			ExtraFiles []string `yaml:"extra_files"`
			Platforms  []string
		} `yaml:"dockers_v2"`
	}
	must(t, yaml.Unmarshal([]byte(content(t, "../.goreleaser.yml")), &release))
	image := release.Images[0]
	want := "\nCOPY " + strings.Join(image.ExtraFiles, " ") + " $TARGETPLATFORM/ogg_exporter ./\n"
	if !strings.Contains(content(t, "../packaging/Dockerfile"), want) {
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
