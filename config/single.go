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
}

// Single makes the configuration of one Service Manager from flags and the environment. Empty
// strings count as not set. The rules are those of the file: a user needs either a password or a
// password file, and either of these needs a user. The error joins one error for each mistake,
// which names the flag or variable and contains no secret. A relative passwordFile starts at the
// working directory.
func Single(rawURL, username, password, passwordFile string) (*Config, error) {
	sm := &yaml.Node{Kind: yaml.MappingNode}
	set(sm, "url", rawURL)
	auth := &yaml.Node{Kind: yaml.MappingNode}
	set(auth, "username", username)
	set(auth, "password", password)
	set(auth, "password_file", passwordFile)
	if len(auth.Content) > 0 {
		sm.Content = append(sm.Content, text("basic_auth"), auth)
	}
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

// text returns a node that YAML takes for nothing but a string.
func text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: s}
}
