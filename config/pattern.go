package config

import (
	"errors"
	"regexp"
	"regexp/syntax"
)

// Pattern is a regular expression that must match a whole name. Its zero value means "not set" and
// matches nothing.
type Pattern struct {
	expr string
	re   *regexp.Regexp
}

// NewPattern compiles a regular expression (RE2) and anchors it at both ends. An empty expression
// returns the zero Pattern.
func NewPattern(expr string) (Pattern, error) {
	if expr == "" {
		return Pattern{}, nil
	}
	// Compiled without anchors first: "a)(b" is invalid, but valid inside the group.
	if _, err := regexp.Compile(expr); err != nil {
		return Pattern{}, err
	}
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil {
		return Pattern{}, err
	}
	return Pattern{expr: expr, re: re}, nil
}

// MatchString reports whether the pattern matches the whole name.
func (p Pattern) MatchString(name string) bool {
	return p.re != nil && p.re.MatchString(name)
}

// IsZero reports whether the pattern was not set.
func (p Pattern) IsZero() bool { return p.re == nil }

// String returns the expression as written, without the anchors.
func (p Pattern) String() string { return p.expr }

// literal returns the only name that the pattern matches, and whether there is one.
func (p Pattern) literal() (string, bool) {
	if p.IsZero() {
		return "", false
	}
	name, whole := regexp.MustCompile(p.expr).LiteralPrefix()
	return name, whole && name != ""
}

// patternProblem says what is wrong with an expression without quoting it.
func patternProblem(err error) string {
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		return wrong.Code.String()
	}
	return "cannot be compiled"
}
