package capture

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/files"
	"github.com/ogg-exporter/ogg_exporter/secret"
)

// masker replaces every word that is not in its vocabulary, each by the same pseudonym
// everywhere. Punctuation stays, so that names that consist of others still do.
type masker struct {
	known vocabulary
	rules []textRule
	// configured are the words of users, hosts and secrets in the configuration, in lower
	// case: those are masked even where messages use them.
	configured map[string]bool
	// groups are Replicats, whose name with a number behind it may be that of a thread.
	groups       map[string]bool
	pseudonyms   map[string]string // by word
	bases        map[string]string // pseudonyms, by word in lower case
	certificates certificates
}

// newMasker returns a masker for the answers to some Service Managers. Among the Replicats are
// those that have threads.
func newMasker(managers []config.ServiceManager, replicats []string) *masker {
	m := &masker{
		known: newVocabulary(), rules: textRules(), configured: map[string]bool{}, groups: setOf(replicats...),
		pseudonyms: map[string]string{}, bases: map[string]string{}, certificates: certificates{},
	}
	for _, c := range managers {
		if c.URL != nil {
			m.learn(c.URL.Hostname())
		}
		m.learnLogin(c.HTTPClient)
		for _, d := range c.Deployments {
			m.learnLogin(d.HTTPClient)
		}
	}
	return m
}

// learnLogin learns the user, the hosts and the secrets of a login.
func (m *masker) learnLogin(c promconfig.HTTPClientConfig) {
	if b := c.BasicAuth; b != nil {
		m.learn(b.Username, contents(b.UsernameFile))
		m.learn(string(b.Password), contents(b.PasswordFile))
	}
	if a := c.Authorization; a != nil {
		m.learn(string(a.Credentials), contents(a.CredentialsFile))
	}
	m.learn(string(c.BearerToken), contents(c.BearerTokenFile))
	if o := c.OAuth2; o != nil {
		m.learn(o.ClientID)
		m.learn(string(o.ClientSecret), contents(o.ClientSecretFile), string(o.ClientCertificateKey), contents(o.ClientCertificateKeyFile))
		m.learn(slices.Sorted(maps.Values(o.EndpointParams))...)
		m.learn(o.TLSConfig.ServerName)
		m.learn(o.TokenURL)
	}
	if c.HTTPHeaders != nil {
		for _, name := range slices.Sorted(maps.Keys(c.HTTPHeaders.Headers)) {
			h := c.HTTPHeaders.Headers[name]
			m.learn(h.Values...)
			for _, s := range h.Secrets {
				m.learn(string(s))
			}
			for _, file := range h.Files {
				m.learn(contents(file))
			}
		}
	}
	m.learn(c.TLSConfig.ServerName)
	if c.ProxyURL.URL != nil {
		password, _ := c.ProxyURL.User.Password()
		m.learn(c.ProxyURL.User.Username())
		m.learn(password)
		m.learn(c.ProxyURL.Hostname())
	}
}

// learn learns the words of texts, to mask them even if messages use them.
func (m *masker) learn(texts ...string) {
	for _, text := range texts {
		for _, word := range wordPattern.FindAllString(text, -1) {
			m.configured[strings.ToLower(word)] = true
		}
	}
}

var wordPattern = regexp.MustCompile(`[^` + separators + `]+`)

// contents returns the text of a configured file. It is empty if the file cannot be read: then
// it cannot have been sent.
func contents(file string) string {
	if file == "" {
		return ""
	}
	text, err := files.Read(file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(secret.Trim(string(text)))
}

// pseudonym returns the pseudonym of a text, and makes one if there is none. Texts that differ
// in case alone have pseudonyms that do so, because GoldenGate does not always tell them apart. The
// pseudonym of a thread of a Replicat is that of the Replicat, with the same number.
func (m *masker) pseudonym(text string) string {
	if text == "" || m.pseudonyms[text] != "" {
		return m.pseudonyms[text]
	}
	if group := strings.TrimRight(text, "0123456789"); len(text) > 3 {
		group = text[:max(len(group), len(text)-3)]
		if len(text)-len(group) == 3 && m.groups[strings.ToLower(group)] {
			return m.text(group) + text[len(group):]
		}
	}
	lower := strings.ToLower(text)
	base := m.bases[lower]
	if base == "" {
		base = "x" + strconv.FormatInt(int64(len(m.bases)), 36) + "x"
		m.bases[lower] = base
	}
	switch text {
	case lower:
	case strings.ToUpper(text):
		base = strings.ToUpper(base)
	default:
		base = "X" + base[1:]
	}
	m.pseudonyms[text] = base
	return base
}
