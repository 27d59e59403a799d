package files

import (
	"context"

	promconfig "github.com/prometheus/common/config"
)

// TLS returns settings for promconfig, which would itself read any file, in a form in which it asks
// the option instead, which uses Read.
func TLS(c promconfig.TLSConfig) (promconfig.TLSConfig, promconfig.SecretManagerOption) {
	c.CARef, c.CertRef, c.KeyRef = c.CAFile, c.CertFile, c.KeyFile
	c.CAFile, c.CertFile, c.KeyFile = "", "", ""
	return c, promconfig.WithSecretManager(manager{})
}

// manager stands for a secret manager whose references are the names of files.
type manager struct{}

// Fetch implements promconfig.SecretManager.
func (manager) Fetch(_ context.Context, name string) (string, error) {
	content, err := Read(name)
	return string(content), err
}

// Secret is a file that promconfig reads through Read.
type Secret string

// Fetch implements promconfig.SecretReader.
func (s Secret) Fetch(ctx context.Context) (string, error) { return manager{}.Fetch(ctx, string(s)) }

// Description implements promconfig.SecretReader.
func (s Secret) Description() string { return "file " + string(s) }

// Immutable implements promconfig.SecretReader.
func (Secret) Immutable() bool { return false }
