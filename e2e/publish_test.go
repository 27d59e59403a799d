package e2e

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestPublishedLast: before somebody has looked at the draft of a release, its image has no tag that users know.
func TestPublishedLast(t *testing.T) {
	t.Parallel()
	var release struct {
		Release struct{ Draft bool }
		Images  []struct{ Tags []string } `yaml:"dockers_v2"`
	}
	must(t, yaml.Unmarshal([]byte(content(t, "../.goreleaser.yml")), &release))
	if !release.Release.Draft || len(release.Images) == 0 {
		t.Errorf("the release is no draft, or has no image: %+v", release)
	}
	for _, image := range release.Images {
		if !slices.Equal(image.Tags, []string{"{{ .Version }}-candidate"}) {
			t.Errorf("with the draft, the tags %q are pushed", image.Tags)
		}
	}
	files, err := filepath.Glob("../.github/workflows/*.yml")
	must(t, err)
	for _, file := range files {
		publishes := false
		for _, command := range []string{"make publish", "helm push", "crane ", "docker push", "imagetools create"} {
			publishes = publishes || strings.Contains(content(t, file), command)
		}
		if publishes != (filepath.Base(file) == "publish.yml") {
			t.Errorf("%s: whether it publishes: %t", file, publishes)
		}
	}
	var workflow struct {
		On map[string]struct{ Types []string }
	}
	must(t, yaml.Unmarshal([]byte(content(t, "../.github/workflows/publish.yml")), &workflow))
	if on := workflow.On["release"]; len(workflow.On) != 1 || !slices.Equal(on.Types, []string{"published"}) {
		t.Errorf("it is published on %v", workflow.On)
	}
}

// TestPublish: the chart, which names the image, is pushed after it, and a candidate of a version never is the latest.
func TestPublish(t *testing.T) {
	t.Parallel()
	const image = "ghcr.io/ogg-exporter/ogg_exporter:"
	for version, want := range map[string][]string{
		"9.8.7":     {"tag " + image + "9.8.7-candidate 9.8.7", "push dist/chart/ogg-exporter-9.8.7.tgz oci://ghcr.io/ogg-exporter/charts", "tag " + image + "9.8.7-candidate latest"},
		"9.8.7-rc1": {"tag " + image + "9.8.7-rc1-candidate 9.8.7-rc1", "push dist/chart/ogg-exporter-9.8.7-rc1.tgz oci://ghcr.io/ogg-exporter/charts"},
	} {
		out, err := exec.CommandContext(t.Context(), neededProgram(t, "make", "package make"), "-C", "..", "-n", "publish", "VERSION="+version).Output()
		must(t, err)
		var got []string
		for line := range strings.Lines(string(out)) {
			if _, what, is := strings.Cut(strings.TrimSpace(line), "@v"); is {
				if _, what, _ = strings.Cut(what, " "); !strings.HasPrefix(what, "package ") {
					got = append(got, what)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: it does\n%q, want\n%q", version, got, want)
		}
	}
}
