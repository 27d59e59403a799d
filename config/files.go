package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/files"
	"github.com/ogg-exporter/ogg_exporter/secret"
)

// isFile reports whether a field holds the path of a file.
func isFile(path string) bool {
	return strings.HasSuffix(schemaKey(path), "_file") || isInHeader(path, "files")
}

// checkFile checks that a file can be read and used, and returns its full path. No message
// contains the file's name: a password written there by mistake must not end up in the log.
func (d *decoder) checkFile(name, path string) string {
	full, err := atHome(name)
	if err != nil {
		d.add(path, "%s", err)
		return name
	}
	full = promconfig.JoinDir(d.dir, full)
	text, problem := readFile(full)
	switch {
	case problem != "":
		d.add(path, "file cannot be read: %s%s", problem, d.from(name))
	case strings.TrimSpace(secret.Trim(text)) == "":
		d.add(path, "file is empty%s", d.from(name))
	default:
		d.checkContent(text, path)
	}
	return full
}

// atHome replaces a leading ~ with the home directory.
func atHome(name string) (string, error) {
	rest, is := strings.CutPrefix(name, "~/")
	if !is {
		return name, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("starts with ~, but there is no home directory")
	}
	return filepath.Join(home, rest), nil
}

// from says which directory a relative path starts at.
func (d *decoder) from(name string) string {
	if filepath.IsAbs(name) || strings.HasPrefix(name, "~/") || d.dir == "" {
		return ""
	}
	return " (relative paths start at " + d.dir + ")"
}

// readFile returns the text of a regular file, or why it cannot be read.
func readFile(name string) (text, problem string) {
	b, err := files.Read(name)
	if err != nil {
		return "", cause(err).Error()
	}
	return string(b), ""
}

// validateTLS checks that the keys fit together, and that the certificates can be used.
func (d *decoder) validateTLS(c *promconfig.TLSConfig, path string) {
	for _, key := range []string{"ca", "cert", "key"} {
		d.exclusive(path, key, key+"_file")
	}
	if c.MaxVersion != 0 && c.MaxVersion < c.MinVersion {
		d.add(join(path, "max_version"), "must not be below min_version")
	}
	ca, at := d.pem(path, "ca", c.CA, c.CAFile)
	if ca != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(ca)) {
		d.add(at, "contains no PEM certificate")
	}
	cert, certAt := d.pem(path, "cert", c.Cert, c.CertFile)
	key, keyAt := d.pem(path, "key", string(c.Key), c.KeyFile)
	switch {
	case certAt != "" && keyAt == "":
		d.add(certAt, "needs key or key_file")
	case keyAt != "" && certAt == "":
		d.add(keyAt, "needs cert or cert_file")
	case cert != "" && key != "":
		if _, err := tls.X509KeyPair([]byte(cert), []byte(key)); err != nil {
			d.add(certAt, "cannot be used with the key: %s", strings.TrimPrefix(err.Error(), "tls: "))
		}
	}
}

// pem returns a PEM text from a key or from its file, and the path of the key that is set, if any.
// The text is empty if a finding already says why.
func (d *decoder) pem(path, key, text, file string) (pem, at string) {
	inline, inFile := join(path, key), join(path, key+"_file")
	switch {
	case d.has(inFile) && file != "":
		if pem, _ = readFile(file); secret.IsUTF16(pem) || secret.HasMark(pem) {
			return "", inFile
		}
		return strings.TrimSpace(pem), inFile
	case d.has(inFile):
		return "", inFile
	case d.has(inline):
		return text, inline
	}
	return "", ""
}
