package config

import (
	"errors"
	"regexp"
	"regexp/syntax"
)

// Pattern is a regular expression that has to match a whole name.
// Its zero value stands for "not set" and matches nothing.
type Pattern struct {
	expr string
	re   *regexp.Regexp
}

// NewPattern compiles a regular expression (RE2) and anchors it at both ends.
// An empty expression gives the zero Pattern.
func NewPattern(expr string) (Pattern, error) {
	if expr == "" {
		return Pattern{}, nil
	}
	// Alone first: "a)(b" is wrong, but would be right inside the anchors' group.
	if _, err := regexp.Compile(expr); err != nil {
		return Pattern{}, err
	}
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil {
		return Pattern{}, err
	}
	return Pattern{expr: expr, re: re}, nil
}

// MatchString says whether the pattern matches the whole of name.
func (p Pattern) MatchString(name string) bool {
	return p.re != nil && p.re.MatchString(name)
}

// IsZero says whether the pattern was never set.
func (p Pattern) IsZero() bool { return p.re == nil }

// String returns the expression as it was written, without the anchors.
func (p Pattern) String() string { return p.expr }

// patternProblem says what is wrong with an expression without quoting it.
func patternProblem(err error) string {
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		return wrong.Code.String()
	}
	return "cannot be compiled"
}
