package config

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

var (
	urlType        = reflect.TypeFor[*url.URL]()
	proxyURLType   = reflect.TypeFor[promconfig.URL]()
	patternType    = reflect.TypeFor[Pattern]()
	durationType   = reflect.TypeFor[time.Duration]()
	tlsVersionType = reflect.TypeFor[promconfig.TLSVersion]()
	secretType     = reflect.TypeFor[promconfig.Secret]()
)

// notEmpty lists the string keys that must not be empty, besides secrets and files. To Prometheus,
// a label with an empty value does not exist.
var notEmpty = []string{
	"name", "username", "client_id", "token_url", "ca", "cert", "labels",
	"profile", "tenancy_id", "user_id", "fingerprint",
}

// plainTags are the tags that YAML itself gives to values.
var plainTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!merge"}

// wholeNumber matches a number that is what it seems to be: decimal, at most with _ between digits.
var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*(_[0-9]+)*)$`)

// isScalar reports whether a type is written as a single value in YAML.
func isScalar(t reflect.Type) bool {
	switch t {
	case urlType, proxyURLType, patternType:
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint16:
		return true
	}
	return false
}

// scalar sets v from a single value. No message quotes a value that is, or may contain, a secret.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	if ok, tried := d.expanded[n]; tried && !ok {
		return // already reported
	}
	if !d.isKind(n, yaml.ScalarNode, path) {
		return
	}
	if !slices.Contains(plainTags, n.ShortTag()) {
		d.add(path, "has a YAML tag; quote values that start with !")
		return
	}
	switch v.Type() {
	case urlType:
		d.setURL(n.Value, v, path)
	case proxyURLType:
		d.setProxyURL(n.Value, v, path)
	case patternType:
		d.setPattern(n.Value, v, path)
	case durationType:
		d.setDuration(n, v, path)
	case tlsVersionType:
		d.setTLSVersion(n, v, path)
	default:
		d.basic(n, v, path)
	}
}

// basic sets a string, boolean or number.
func (d *decoder) basic(n *yaml.Node, v reflect.Value, path string) {
	if v.Kind() == reflect.String {
		d.setText(n.Value, v, path)
		return
	}
	kind := "true or false"
	if v.CanInt() {
		kind = "a whole number"
	}
	source := n
	if d.expanded[n] { // a quoted number is a string, unless a variable had to be quoted
		source = &yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}
	} else if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		kind += " without quotes"
	}
	// Decode would truncate a fraction, and read 010 as 8.
	fits := v.Kind() == reflect.Bool && source.ShortTag() != "!!null" || source.ShortTag() == "!!int" && wholeNumber.MatchString(n.Value)
	if !fits || source.Decode(v.Addr().Interface()) != nil {
		d.add(path, "must be %s%s", kind, d.not(n))
	}
}

// setText sets a string. For a file, it is the full path.
func (d *decoder) setText(s string, v reflect.Value, path string) {
	file, isSecret := isFile(path), v.Type() == secretType
	known := len(d.list)
	if s = d.cleanText(s, path, isSecret); len(d.list) > known {
		return
	}
	if s == "" && (file || isSecret || slices.Contains(notEmpty, schemaKey(path))) {
		d.add(path, "must not be empty")
		return
	}
	if file {
		s = d.checkFile(s, path)
	}
	v.SetString(s)
}

func (d *decoder) setPattern(s string, v reflect.Value, path string) {
	p, err := NewPattern(s)
	if err != nil {
		d.add(path, "is not a regular expression: %s", patternProblem(err))
	}
	v.Set(reflect.ValueOf(p))
}

func (d *decoder) setDuration(n *yaml.Node, v reflect.Value, path string) {
	t, err := time.ParseDuration(n.Value)
	switch {
	case err != nil:
		d.add(path, "must be a duration with a unit, such as 10s%s", d.not(n))
	case t <= 0:
		d.add(path, "must be greater than zero%s", d.not(n))
	}
	v.SetInt(int64(t))
}

func (d *decoder) setTLSVersion(n *yaml.Node, v reflect.Value, path string) {
	version := promconfig.TLSVersions[n.Value]
	if version < promconfig.TLSVersions["TLS12"] {
		d.add(path, "must be TLS12 or TLS13%s", d.not(n))
	}
	v.SetUint(uint64(version))
}

// not quotes the wrong value, unless it comes from the environment.
func (d *decoder) not(n *yaml.Node) string {
	if d.expanded[n] {
		return ""
	}
	return ", not " + quote(n.Value)
}
