package docs_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// form is what GitHub reads of an issue form; it rejects one without a name, a description or a body.
type form struct {
	Name, Description string
	Labels            []string
	Body              []struct {
		Type, ID   string
		Attributes struct {
			Label, Value, Description, Placeholder, Render string
			Options                                        []any
		}
		Validations struct{ Required bool }
	}
}

// readForm reads an issue form or the list of links beside them; an unknown key is an error.
func readForm(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../.github/ISSUE_TEMPLATE", name))
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestForms: GitHub takes the issue forms, and nobody can file a bug without what is needed to look into it.
func TestForms(t *testing.T) {
	for name, needed := range map[string][]string{
		"bug.yml":     {"what", "version", "goldengate", "log"},
		"feature.yml": {"question", "source"},
	} {
		var f form
		readForm(t, name, &f)
		if f.Name == "" || f.Description == "" || len(f.Body) == 0 {
			t.Errorf("%s lacks a name, a description or a body", name)
		}
		var ids, required []string
		for _, field := range f.Body {
			if field.Type == "markdown" {
				if field.Attributes.Value == "" {
					t.Errorf("%s: a text is empty", name)
				}
				continue
			}
			if !slices.Contains([]string{"input", "textarea", "dropdown", "checkboxes"}, field.Type) || field.Attributes.Label == "" ||
				!regexp.MustCompile(`^[\w-]+$`).MatchString(field.ID) || slices.Contains(ids, field.ID) ||
				(field.Type == "dropdown" || field.Type == "checkboxes") != (len(field.Attributes.Options) > 0) {
				t.Errorf("%s: GitHub does not take the field %+v", name, field)
			}
			ids = append(ids, field.ID)
			if field.Validations.Required {
				required = append(required, field.ID)
			}
		}
		if !slices.Equal(required, needed) {
			t.Errorf("%s: required are %q, want %q", name, required, needed)
		}
		if name == "bug.yml" && !slices.Contains(ids, "capture") {
			t.Errorf("%s does not ask for a capture", name)
		}
	}
}

// TestContactLinks: GitHub takes the links beside the forms.
func TestContactLinks(t *testing.T) {
	var config struct {
		BlankIssuesEnabled bool                                `yaml:"blank_issues_enabled"`
		ContactLinks       []struct{ Name, URL, About string } `yaml:"contact_links"`
	}
	readForm(t, "config.yml", &config)
	if len(config.ContactLinks) == 0 {
		t.Error("there are no links")
	}
	for _, link := range config.ContactLinks {
		if link.Name == "" || link.URL == "" || link.About == "" {
			t.Errorf("GitHub does not take the link %+v", link)
		}
	}
}
