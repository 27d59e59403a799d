package capture

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"os"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// masker replaces names of hosts, users, databases and certificates, and secrets, each by the
// same pseudonym everywhere.
//
// It learns while it masks, from the names of fields and from the context of a word. To
// catch every word, mask everything repeatedly until it learns nothing new.
type masker struct {
	pseudonyms   map[string]string // by word, in lower case
	within       map[string]bool   // those that are also replaced within other words
	names        map[string]bool   // in lower case, kept unless the context says otherwise
	networks     map[string]bool   // host names without their first part
	addresses    map[netip.Addr]string
	certificates map[string]string // PEM, by DER

	count map[kind]int
	used  map[string]bool   // pseudonyms
	taken func(string) bool // reports whether a text occurs in the originals

	byByte map[byte][]string // words to look for by first byte, longest first
	sorted int               // number of pseudonyms when byByte was built
}

// newMasker returns a masker that has learned the configuration and keeps the names. taken
// reports whether a text, in lower case, occurs in the originals.
func newMasker(c config.ServiceManager, names []string, taken func(string) bool) *masker {
	m := &masker{
		pseudonyms: map[string]string{}, within: map[string]bool{}, names: map[string]bool{},
		networks: map[string]bool{}, addresses: map[netip.Addr]string{}, certificates: map[string]string{},
		count: map[kind]int{}, used: map[string]bool{}, taken: taken,
	}
	for _, name := range append(strings.Fields(vocabulary), names...) {
		m.names[lower(name)] = true
	}
	if c.URL != nil {
		m.host(c.URL.Hostname())
	}
	m.configured(c.HTTPClient)
	for _, d := range c.Deployments {
		m.configured(d.HTTPClient)
	}
	return m
}

// configured learns the user and the secrets of a login.
func (m *masker) configured(c promconfig.HTTPClientConfig) {
	if b := c.BasicAuth; b != nil {
		m.learn(userName, b.Username, contents(b.UsernameFile))
		m.learn(secretText, string(b.Password), contents(b.PasswordFile))
	}
	if a := c.Authorization; a != nil {
		m.learn(secretText, string(a.Credentials), contents(a.CredentialsFile))
	}
	m.learn(secretText, string(c.BearerToken), contents(c.BearerTokenFile))
	if o := c.OAuth2; o != nil {
		m.learn(userName, o.ClientID)
		m.learn(secretText, string(o.ClientSecret), contents(o.ClientSecretFile), string(o.ClientCertificateKey), contents(o.ClientCertificateKeyFile))
		m.learn(secretText, slices.Sorted(maps.Values(o.EndpointParams))...)
		m.learn(hostName, o.TLSConfig.ServerName)
		m.text(o.TokenURL)
	}
	if c.HTTPHeaders != nil {
		for _, name := range slices.Sorted(maps.Keys(c.HTTPHeaders.Headers)) {
			h := c.HTTPHeaders.Headers[name]
			m.learn(secretText, h.Values...)
			for _, s := range h.Secrets {
				m.learn(secretText, string(s))
			}
			for _, file := range h.Files {
				m.learn(secretText, contents(file))
			}
		}
	}
	m.learn(hostName, c.TLSConfig.ServerName)
	if c.ProxyURL.URL != nil {
		password, _ := c.ProxyURL.User.Password()
		m.learn(userName, c.ProxyURL.User.Username())
		m.learn(secretText, password)
		m.host(c.ProxyURL.Hostname())
	}
}

// learn learns words of a kind, to mask them everywhere.
func (m *masker) learn(k kind, words ...string) {
	for _, word := range words {
		m.masked(k, word)
	}
}

// contents returns the text of a configured file. It is empty if the file cannot be read: then
// it cannot have been sent.
func contents(file string) string {
	if file == "" {
		return ""
	}
	text, err := os.ReadFile(file) //nolint:gosec // the configuration names it
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// body masks the answer to a route: JSON member by member, anything else as text.
func (m *masker) body(route string, body []byte) []byte {
	if !isDocument(body) {
		return []byte(m.text(string(body)))
	}
	return rewrite(body, func(parent, field, value string) string {
		return m.value(route, parent, field, value)
	})
}

// isDocument reports whether a body is a JSON object or array.
func isDocument(body []byte) bool {
	trimmed := bytes.TrimSpace(body)
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(body)
}

// value masks the value of a field of a JSON object; parent is the field that contains the
// object.
func (m *masker) value(route, parent, field, value string) string {
	switch {
	case slices.Contains(enumerations, field):
		return value
	case field == "name" && parent == "items" && route == "/connections":
		return m.masked(connectionName, value)
	case field == "value" && parent == "environment":
		return m.masked(unlearned, value)
	}
	k := fieldKind(field)
	connect := strings.ContainsAny(value, "@=") || strings.Contains(value, "://")
	if connect && k != secretText && k != certificateText || k == secretText && strings.Contains(value, "-----BEGIN") {
		k = plainText // text whose parts are recognized by context
	}
	return m.masked(k, value)
}

// masked learns a text of a kind and masks it as a whole.
func (m *masker) masked(k kind, text string) string {
	if slices.Contains(neverMasked, lower(text)) || strings.TrimSpace(text) == "" {
		return text
	}
	switch k {
	case plainText:
		return m.text(text)
	case unlearned:
		return removed
	case hostName:
		return m.host(text)
	case addressText:
		return m.address(text)
	case dottedName:
		return m.dotted(text)
	case tableName:
		return m.table(text)
	case pemText:
		return m.pem(text)
	case connectionName:
		domain, alias, _ := strings.Cut(text, ".")
		return strings.TrimSuffix(m.masked(domainName, domain)+"."+m.masked(userName, alias), ".")
	default:
		return m.pseudonym(k, text)
	}
}

// pseudonym returns the pseudonym of a word, creating it if needed.
func (m *masker) pseudonym(k kind, word string) string {
	key := lower(word)
	if k == secretText && len(key) >= 6 {
		m.within[key] = true
	}
	if m.pseudonyms[key] == "" {
		m.pseudonyms[key] = m.next(k, "")
	}
	return m.pseudonyms[key]
}

// next returns a pseudonym that is unused and does not occur in the originals.
func (m *masker) next(k kind, suffix string) string {
	for {
		m.count[k]++
		p := fmt.Sprintf("%s-%d%s", k, m.count[k], suffix)
		if !m.used[p] && !m.taken(p) {
			m.used[p] = true
			return p
		}
	}
}

// host masks the name or address of a host, and keeps its port. For a name with dots it also
// learns the first part, which may be used as a short name, and the rest, which names the
// network.
func (m *masker) host(text string) string {
	name, port, hasPort := strings.Cut(text, ":")
	switch {
	case strings.Contains(port, ":") || !hasLetter(name):
		return m.text(text)
	case hasPort:
		return m.masked(hostName, name) + ":" + port
	case !strings.Contains(name, "."):
		return m.pseudonym(hostName, name)
	case m.pseudonyms[lower(name)] != "":
		return m.pseudonyms[lower(name)]
	}
	label, network, _ := strings.Cut(name, ".")
	p := ""
	if hasLetter(label) && !m.names[lower(label)] && !slices.Contains(neverMasked, lower(label)) {
		p = m.pseudonym(hostName, label) + ".example.com"
	}
	if p == "" || m.used[p] || m.taken(p) {
		p = m.next(hostName, ".example.com")
	}
	m.used[p], m.pseudonyms[lower(name)] = true, p
	if strings.Contains(network, ".") {
		m.networks[lower(network)] = true
		m.pseudonyms[lower(network)] = cmp.Or(m.pseudonyms[lower(network)], "example.com")
	}
	return p
}

// dotted masks a name with dots that ends in a known network.
func (m *masker) dotted(text string) string {
	_, network, more := strings.Cut(lower(text), ".")
	for more {
		if m.networks[network] {
			return m.host(text)
		}
		_, network, more = strings.Cut(network, ".")
	}
	return text
}

// address replaces an IP address by one that is reserved for documentation. Loopback and
// unspecified addresses are kept.
func (m *masker) address(text string) string {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.IsLoopback() || ip.IsUnspecified() {
		return text
	}
	ip = ip.Unmap()
	if m.addresses[ip] == "" {
		n, form := len(m.addresses)+1, "2001:db8::%x"
		if ip.Is4() {
			form = "192.0.2.%d"
		}
		if n > 254 && ip.Is4() {
			m.addresses[ip] = fmt.Sprintf("198.18.%d.%d", n>>8&255, n&255) // reserved for benchmarks
		} else {
			m.addresses[ip] = fmt.Sprintf(form, n)
		}
	}
	return m.addresses[ip]
}

// table masks the database in a table name of three parts.
func (m *masker) table(text string) string {
	database, table, _ := strings.Cut(text, ".")
	if strings.Count(table, ".") != 1 {
		return m.text(text)
	}
	return m.masked(databaseName, database) + "." + m.text(table)
}

// pem replaces a certificate by another one, and removes any other PEM block.
func (m *masker) pem(text string) string {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return removed
	}
	key := string(block.Bytes)
	if m.certificates[key] == "" {
		m.certificates[key] = m.standIn(block.Bytes)
	}
	return m.certificates[key]
}

// standIn returns, in PEM, a certificate with a public key pair and the validity of the given
// one. Anything that is not a certificate becomes another invalid block.
func (m *masker) standIn(der []byte) string {
	unreadable := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte(removed)})
	original, err := x509.ParseCertificate(der)
	if err != nil {
		return strings.TrimSpace(string(unreadable))
	}
	for _, name := range append(original.DNSNames, original.Subject.CommonName, original.Issuer.CommonName) {
		if strings.Contains(name, ".") && !strings.ContainsAny(name, " *") {
			m.masked(hostName, name)
		}
	}
	name := m.next(certificateText, "")
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(m.count[certificateText])), Subject: pkix.Name{CommonName: name},
		NotBefore: original.NotBefore, NotAfter: original.NotAfter,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return strings.TrimSpace(string(unreadable))
	}
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made})))
}
