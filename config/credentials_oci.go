package config

import (
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/secret"
)

// Credentials reads the credentials from their files, for OCIAuthConfigFile and OCIAuthAPIKey. Its
// errors contain no secret and no path.
func (o *OCI) Credentials() (OCICredentials, error) {
	switch {
	case o.Given != nil:
		return *o.Given, nil
	case o.Auth == OCIAuthAPIKey:
		return o.ownCredentials()
	}
	return o.profileCredentials()
}

// ownCredentials returns the credentials that the configuration itself names.
func (o *OCI) ownCredentials() (OCICredentials, error) {
	c := OCICredentials{
		TenancyID: o.APIKey.TenancyID, UserID: o.APIKey.UserID, Fingerprint: o.APIKey.Fingerprint, Region: o.Region,
	}
	if o.APIKey.PassphraseFile != "" {
		text, problem := readFile(o.APIKey.PassphraseFile)
		if problem != "" {
			return OCICredentials{}, fmt.Errorf("passphrase file cannot be read: %s", problem)
		}
		text, err := secret.Clean(text)
		if err != nil {
			return OCICredentials{}, fmt.Errorf("passphrase file %w", err)
		}
		if strings.TrimSpace(text) == "" {
			return OCICredentials{}, errors.New("passphrase file is empty")
		}
		c.Passphrase = promconfig.Secret(text)
	}
	return c, c.readKey(o.APIKey.KeyFile)
}

var errNoProfile = errors.New("is not in config_file")

// profileCredentials returns the credentials of a profile in a configuration file of the OCI SDKs.
func (o *OCI) profileCredentials() (OCICredentials, error) {
	text, problem := readFile(o.ConfigFile)
	if problem != "" {
		return OCICredentials{}, fmt.Errorf("file cannot be read: %s", problem)
	}
	keys := profileKeys(text, o.Profile)
	switch {
	case keys == nil:
		return OCICredentials{}, fmt.Errorf("profile %s %w", quote(o.Profile), errNoProfile)
	case keys["security_token_file"] != "" && keys["user"] == "":
		return OCICredentials{}, errors.New("profile uses a session token, which expires within an hour; create an API key for the exporter")
	}
	for _, key := range []string{"tenancy", "user", "fingerprint", "key_file"} {
		if keys[key] == "" {
			return OCICredentials{}, fmt.Errorf("profile has no %s", key)
		}
	}
	c := OCICredentials{
		TenancyID: keys["tenancy"], UserID: keys["user"], Fingerprint: keys["fingerprint"], Region: keys["region"],
		Passphrase: promconfig.Secret(keys["pass_phrase"] + keys["passphrase"]),
	}
	if o.Region != "" {
		c.Region = o.Region
	}
	file, err := atHome(keys["key_file"])
	if err != nil {
		return OCICredentials{}, fmt.Errorf("key_file of the profile %w", err)
	}
	if err := c.readKey(promconfig.JoinDir(filepath.Dir(o.ConfigFile), file)); err != nil {
		return OCICredentials{}, fmt.Errorf("profile: %w", err)
	}
	return c, nil
}

// readKey reads the private key, and checks what it can without the passphrase.
func (c *OCICredentials) readKey(file string) error {
	text, problem := readFile(file)
	if problem != "" {
		return fmt.Errorf("key file cannot be read: %s", problem)
	}
	if secret.IsUTF16(text) {
		return fmt.Errorf("key file %w", secret.ErrUTF16)
	}
	text = secret.Trim(text)
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return errors.New("key file contains no PEM private key")
	case c.Passphrase == "" && isEncrypted(block):
		return errors.New("key file is encrypted, but there is no passphrase")
	}
	c.Key = promconfig.Secret(text)
	return nil
}

// isEncrypted reports whether a private key is encrypted, in either of the two formats.
func isEncrypted(block *pem.Block) bool {
	return strings.HasPrefix(block.Type, "ENCRYPTED") || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
}

// profileKeys returns the keys of a section in an INI file, with the section DEFAULT for keys that
// it does not set, as OCI's own tools do; nil if there is no such section. A value begins after the
// first = and may contain more.
func profileKeys(text, profile string) map[string]string {
	sections := map[string]map[string]string{}
	var section map[string]string
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSpace(line)
		key, value, is := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = map[string]string{}
			sections[strings.TrimSpace(line[1:len(line)-1])] = section
		case is && section != nil:
			section[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	own, found := sections[profile]
	if !found {
		return nil
	}
	all := maps.Clone(sections[DefaultOCIProfile])
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, own)
	return all
}
