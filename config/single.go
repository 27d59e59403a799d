package config

import (
	"go.yaml.in/yaml/v3"
)

// singleNames are the flags and the environment variable that set fields in place of a file.
var singleNames = map[string]string{
	"service_managers[0].url":                      "--ogg.url",
	"service_managers[0].basic_auth":               "--ogg.username",
	"service_managers[0].basic_auth.username":      "--ogg.username",
	"service_managers[0].basic_auth.password":      "OGG_PASSWORD",
	"service_managers[0].basic_auth.password_file": "--ogg.password-file",
	"service_managers[0].reverse_proxy":            "OGG_REVERSE_PROXY",
	"service_managers[0].tls_config":               "OGG_CA_FILE",
	"service_managers[0].tls_config.ca_file":       "OGG_CA_FILE",
}

// Single is one Service Manager as flags and the environment describe it. Empty strings count as not set.
type Single struct {
	URL, Username, Password, PasswordFile string
	// ReverseProxy is true or false.
	ReverseProxy string
	CAFile       string
}

// Load makes the configuration of the Service Manager. The rules are those of the file: a user needs
// either a password or a password file, and either of these needs a user. The error joins one error
// for each mistake, which names the flag or variable and contains no secret. Relative paths start at
// the working directory.
func (s Single) Load() (*Config, error) {
	sm := &yaml.Node{Kind: yaml.MappingNode}
	set(sm, "url", s.URL)
	if s.ReverseProxy != "" {
		sm.Content = append(sm.Content, text("reverse_proxy"), &yaml.Node{Kind: yaml.ScalarNode, Value: s.ReverseProxy})
	}
	auth, tls := &yaml.Node{Kind: yaml.MappingNode}, &yaml.Node{Kind: yaml.MappingNode}
	set(auth, "username", s.Username)
	set(auth, "password", s.Password)
	set(auth, "password_file", s.PasswordFile)
	set(tls, "ca_file", s.CAFile)
	nest(sm, "basic_auth", auth)
	nest(sm, "tls_config", tls)
	list := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{sm}}
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text("service_managers"), list}}

	d := &decoder{findings: &findings{lines: map[string]int{}, names: singleNames}, broken: map[string]bool{}}
	c := d.config(root)
	if err := d.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// set adds a key to a mapping if the value is not empty.
func set(mapping *yaml.Node, key, value string) {
	if value != "" {
		mapping.Content = append(mapping.Content, text(key), text(value))
	}
}

// nest adds a mapping to another one if it is not empty.
func nest(mapping *yaml.Node, key string, inner *yaml.Node) {
	if len(inner.Content) > 0 {
		mapping.Content = append(mapping.Content, text(key), inner)
	}
}

// text returns a node that YAML takes for nothing but a string.
func text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: s}
}
