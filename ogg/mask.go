package ogg

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
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// kind is what a text names. Those that become pseudonyms begin with it.
type kind string

const (
	plainText       kind = ""
	hostName        kind = "host"
	userName        kind = "user"   // of GoldenGate, a database or the machine; an alias too
	domainName      kind = "domain" // of a credential store
	databaseName    kind = "database"
	certificateText kind = "certificate" // what tells one from others
	secretText      kind = "secret"

	connectionName kind = "connection" // domain.alias
	tableName      kind = "table"      // that may have three parts: database.schema.table
	addressText    kind = "address"    // that may be an IP address
	dottedName     kind = "dotted"     // that may be a host of a network that is known
	pemText        kind = "PEM"
	escapedText    kind = "escaped"  // percent-encoded
	unlearned      kind = "password" // in prose: removed here, and not looked for elsewhere
)

const removed = "(removed)"

// neverMasked are texts that name nobody, even where a user, host or database is
// to be expected.
var neverMasked = strings.Fields("* any all none null unknown default true false localhost " +
	"localhost.localdomain oraclegoldengate localwallet docs.oracle.com www.rfc-editor.org " + removed)

// vocabulary are words of the API and of GoldenGate. A user or database may be
// called so, and is masked where a field says that it is one.
const vocabulary = `
	services v2 installation deployments config health check summary extracts replicats info status
	sources targets checkpoints trails mpoints processes certificates client server truststore
	connections tables heartbeat items name path
	servicemanager adminsrvr distsrvr recvsrvr pmsrvr pluginsrvr
	ogg oracle goldengate microservices database host user source target extract replicat trail
	http https ws wss tcp localtrail u01 u02 u03 opt var lib data dirdat home
	running stopped killed abended starting get error`

// fields say what the values are of a field whose name, in lower case and without
// "_" and "-", ends in one of these ways.
var fields = []struct {
	kind     kind
	suffixes []string
}{
	{secretText, strings.Fields("password passwd passphrase secret token privatekey apikey")},
	{hostName, strings.Fields("hostname host address nodename")},
	{userName, strings.Fields("username userid user alias")},
	{domainName, strings.Fields("domain")},
	{databaseName, strings.Fields("databasename databaseinstance database dbname dbuniquename globalname pdb catalog")},
	{certificateText, strings.Fields("subject issuer subjectdn issuerdn serialnumber fingerprint thumbprint")},
	{tableName, strings.Fields("tablename sourcetable targettable")},
}

// enumerations are fields whose values are GoldenGate's own words, and versions,
// which may look like addresses.
var enumerations = strings.Fields("$schema rel mediaType code severity status version label " +
	"processState processType processMode portType serviceName microservice")

// fieldKind says what a field holds, by its name.
func fieldKind(name string) kind {
	name = strings.NewReplacer("_", "", "-", "").Replace(lower(name))
	for _, f := range fields {
		if slices.ContainsFunc(f.suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
			return f.kind
		}
	}
	return plainText
}

// loginForm and peerForm are what is before and behind the "@" of a connect string.
const (
	loginForm = `(?:(?:([\w$#.-]+)/)?([^\s@/:"',;()=<>]+))?`
	peerForm  = `([\w$#-][\w$#.-]*|\[[0-9A-Fa-f:.]+\])`
)

// textRules find, in any text, what the text around says that it is. needs is a
// part without which there is no match; kinds are those of the groups.
var textRules = []struct {
	needs   string
	pattern *regexp.Regexp
	kinds   []kind
}{
	{"-----BEGIN", regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\z))`), []kind{pemText}},
	{"://", regexp.MustCompile(`://(?:([^/\s@"<>]*)@)?(\[[0-9A-Fa-f:.]+\]|[^/:\s"'?#,;()<>\\]+)`), []kind{secretText, hostName}},
	{"connections/", regexp.MustCompile(`\bconnections/([^/?\s"\\]+)`), []kind{connectionName}},
	{"credentials/", regexp.MustCompile(`\bcredentials/([^/?\s"\\]+)(?:/([^/?\s"\\]+))?`), []kind{domainName, userName}},
	{"authorizations/", regexp.MustCompile(`\bauthorizations/[^/\s"]+/([^/?\s"\\]+)`), []kind{userName}},
	{"@", regexp.MustCompile(loginForm + `@/{0,2}` + peerForm + `(?::\d+)?[/:]([A-Za-z_][\w$#.-]*)`), []kind{userName, userName, hostName, databaseName}},
	{"@", regexp.MustCompile(loginForm + `@/{0,2}` + peerForm + `:\d+`), []kind{userName, userName, hostName}},
	{"@", regexp.MustCompile(loginForm + `@//` + peerForm), []kind{userName, userName, hostName}},
	{"@", regexp.MustCompile(loginForm + `@([\w$#][\w$#.-]*)`), []kind{userName, userName, databaseName}},
	{"=", regexp.MustCompile(`(?i)\b(?:service_name|sid)\s*=\s*["']?([^\s,;)"'\\]+)`), []kind{databaseName}},
	{"=", regexp.MustCompile(`\bCN\s*=\s*([^\s,;+/)"'\\]+)`), []kind{hostName}},
	{" ", regexp.MustCompile(`(?i)\b(?:userid|miningdblogin|dblogin\s+userid)\s+["']?([^\s,;@"'=]+)`), []kind{userName}},
	{" ", regexp.MustCompile(`(?i)\b(?:useridalias|mininguseralias|miningdblogin\s+useridalias)\s+["']?([^\s,;"']+)(?:["']?\s+domain\s+["']?([^\s,;"']+))?`), []kind{userName, domainName}},
	{" ", regexp.MustCompile(`(?i)\bpassword\s+["']?([^\s,;"']+)`), []kind{unlearned}},
	{" ", regexp.MustCompile(`(?i)\brmthost\s+["']?([^\s,;"']+)`), []kind{hostName}},
	{" ", regexp.MustCompile(`(?i)\b(?:sourcedb|targetdb|sourcecatalog|catalog name)\s+["']?([^\s,;"'@]+)`), []kind{databaseName}},
	{"/", regexp.MustCompile(`(?:^|[\s"'=:])/net/([^/\s"']+)`), []kind{hostName}},
	{"/", regexp.MustCompile(`(?:^|[\s"'=:/])home/([^/\s"']+)`), []kind{userName}},
	{"%", regexp.MustCompile(`([^\s/?&=#"']*%[0-9A-Fa-f]{2}[^\s/?&=#"']*)`), []kind{escapedText}},
	{":", regexp.MustCompile(`([0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,}(?:\d+\.\d+\.\d+\.\d+)?)`), []kind{addressText}},
	{".", regexp.MustCompile(`(\d{1,3}(?:\.\d{1,3}){3})`), []kind{addressText}},
	{".", regexp.MustCompile(`([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)`), []kind{dottedName}},
}

// pairPattern finds a value with the name of its field, which is not JSON: of a
// connect descriptor, a query, or a body that is cut off.
var pairPattern = regexp.MustCompile(`([A-Za-z_][A-Za-z_.-]*)(?:\s*=\s*["']?|"\s*:\s*")([^\s,;()"'&=\\]+)`)

// masker replaces what names hosts, users, databases and certificates, and what is
// secret, each by the same pseudonym wherever it is.
//
// It learns while it masks: from the name of the field, and from what is around a
// word. Whoever has it mask everything again, until it knows no more words than
// before, misses none that it could have known.
type masker struct {
	pseudonyms   map[string]string // by word, in lower case
	within       map[string]bool   // of these words, those that are replaced within others too
	names        map[string]bool   // in lower case, what stays unless something says what it is
	networks     map[string]bool   // what follows the first dot in the name of a host
	addresses    map[netip.Addr]string
	certificates map[string]string // PEM, by DER

	count map[kind]int
	used  map[string]bool   // pseudonyms
	taken func(string) bool // reports whether a text occurs in what is masked

	byByte map[byte][]string // the words to look for by their first byte, the longest first
	sorted int               // how many pseudonyms there were when byByte was made
}

// newMasker returns a masker that knows the configuration. The names stay. taken
// reports whether a text, in lower case, occurs in what is to be masked.
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

// configured learns the user and everything secret of a login.
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

// learn takes words in that are of a kind wherever they are.
func (m *masker) learn(k kind, words ...string) {
	for _, word := range words {
		m.masked(k, word)
	}
}

// contents returns what is in a file of the configuration, nothing if it cannot be
// read: then it cannot have been sent.
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

// body masks a body: JSON member by member, and anything else as a text. route is
// what was asked for it.
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

// value masks the value of a field of a JSON object; parent is the field that the
// object is in.
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
		k = plainText // a text that says of its parts what they are
	}
	return m.masked(k, value)
}

// masked masks a text of a kind as a whole, and learns it.
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

// pseudonym returns the pseudonym of a word, a new one if it has none yet.
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

// next returns a pseudonym that nothing has, and that occurs nowhere.
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

// host masks the name or address of a host, with its port if there is one. Of a
// name with dots it learns the first part as well, by which the host may be called,
// and the rest, which names the network.
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

// dotted masks a name with dots that ends in a network which is known.
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

// address masks an IP address, by one of those that are set apart for
// documentation. Those of the machine itself, and that of all, stay.
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
			m.addresses[ip] = fmt.Sprintf("198.18.%d.%d", n>>8&255, n&255) // for tests of networks
		} else {
			m.addresses[ip] = fmt.Sprintf(form, n)
		}
	}
	return m.addresses[ip]
}

// table masks the database in the name of a table, where that has three parts.
func (m *masker) table(text string) string {
	database, table, _ := strings.Cut(text, ".")
	if strings.Count(table, ".") != 1 {
		return m.text(text)
	}
	return m.masked(databaseName, database) + "." + m.text(table)
}

// pem removes a PEM block, or puts another certificate in place of one.
func (m *masker) pem(text string) string {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != pemCertificate {
		return removed
	}
	key := string(block.Bytes)
	if m.certificates[key] == "" {
		m.certificates[key] = m.standIn(block.Bytes)
	}
	return m.certificates[key]
}

// standIn returns, in PEM, a certificate that is valid as long as the one given,
// and of which nobody needs to keep the key secret. What is no certificate becomes
// something else that is none.
func (m *masker) standIn(der []byte) string {
	unreadable := pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: []byte(removed)})
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
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: made})))
}

// text masks the parts of a text that its rules find, and the words that are known.
func (m *masker) text(s string) string {
	spans := m.spans(s)
	m.sortWords()
	var b strings.Builder
	for i := 0; i < len(s); {
		end := len(s)
		if len(spans) > 0 {
			end = spans[0].start
		}
		if i == end {
			b.WriteString(spans[0].text)
			i, spans = spans[0].end, spans[1:]
		} else if word := m.wordAt(s, i, end); word != "" {
			b.WriteString(m.pseudonyms[word])
			i += len(word)
		} else {
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

// span is a part of a text and what comes in its place.
type span struct {
	start, end int
	text       string
}

// spans returns what the rules find in a text, in its order.
func (m *masker) spans(s string) []span {
	var found []span
	for _, rule := range textRules {
		if !strings.Contains(s, rule.needs) {
			continue
		}
		for _, at := range rule.pattern.FindAllStringSubmatchIndex(s, -1) {
			if overlaps(found, at[0], at[1]) {
				continue // another rule knows better
			}
			for g, k := range rule.kinds {
				found = m.claim(found, s, at[2*g+2], at[2*g+3], k)
			}
		}
	}
	if strings.ContainsAny(s, `="`) {
		for _, at := range pairPattern.FindAllStringSubmatchIndex(s, -1) {
			k := fieldKind(s[at[2]:at[3]])
			if k == secretText {
				k = unlearned
			}
			if k != plainText && !overlaps(found, at[0], at[1]) {
				found = m.claim(found, s, at[4], at[5], k)
			}
		}
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	return found
}

// overlaps reports whether one of the spans has something of a part of the text.
func overlaps(spans []span, start, end int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return start < s.end && s.start < end })
}

// claim adds a part of a text to those that are found, unless it stays as it is.
func (m *masker) claim(found []span, s string, start, end int, k kind) []span {
	if start < 0 || start == end || k == addressText && !standsAlone(s, start, end) {
		return found
	}
	text := s[start:end]
	if k == escapedText {
		text = m.escaped(text, strings.Contains(s[:start], "?"))
	} else if plain, err := url.PathUnescape(text); err == nil && k != pemText {
		text = m.masked(k, plain)
		if text == plain {
			return found
		}
	} else {
		text = m.masked(k, text)
	}
	if text == s[start:end] {
		return found
	}
	return append(found, span{start, end, text})
}

// escaped masks a percent-encoded part of a path or query, so that it is as the
// client would encode it.
func (m *masker) escaped(text string, query bool) string {
	unescape, escape := url.PathUnescape, url.PathEscape
	if query {
		unescape, escape = url.QueryUnescape, url.QueryEscape
	}
	plain, err := unescape(text)
	if err != nil {
		return text
	}
	if masked := m.text(plain); masked != plain {
		return escape(masked)
	}
	return text
}

// standsAlone reports whether what looks like an address is not a part of
// something longer, such as a version.
func standsAlone(s string, start, end int) bool {
	before, behind := s[:start], s[end:]
	digitDot := func(a, b string) bool { return a == "." && b != "" && b[0] >= '0' && b[0] <= '9' }
	if n := len(before); n > 0 && (endsInWord(before) || n > 1 && digitDot(before[n-1:], before[n-2:n-1])) {
		return false
	}
	return len(behind) == 0 || !beginsWithWord(behind) && !digitDot(behind[:1], behind[1:])
}

// sortWords makes the index of the words to look for anew when there are more.
func (m *masker) sortWords() {
	if m.sorted == len(m.pseudonyms) {
		return
	}
	m.sorted, m.byByte = len(m.pseudonyms), map[byte][]string{}
	for word := range m.pseudonyms {
		if m.within[word] || len(word) > 1 && hasLetter(word) && !m.names[word] {
			m.byByte[word[0]] = append(m.byByte[word[0]], word)
		}
	}
	for _, words := range m.byByte {
		slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	}
}

// wordAt returns the longest word to be replaced that is at s[i:end], "" if none is.
func (m *masker) wordAt(s string, i, end int) string {
	for _, word := range m.byByte[lowerByte(s[i])] {
		to := i + len(word)
		if to > end || lower(s[i:to]) != word {
			continue
		}
		joined := endsInWord(s[:i]) && beginsWithWord(s[i:]) || endsInWord(s[:to]) && beginsWithWord(s[to:])
		if !joined || m.within[word] {
			return word
		}
	}
	return ""
}

// endsInWord and beginsWithWord say whether a letter, digit or "_" is there.
func endsInWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return isWord(r)
}

func beginsWithWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isWord(r)
}

func isWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// lower is strings.ToLower for ASCII: the text keeps its length.
func lower(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' }) {
		return s
	}
	b := []byte(s)
	for i := range b {
		b[i] = lowerByte(b[i])
	}
	return string(b)
}

func lowerByte(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// rewrite returns a JSON document with each string that is a value replaced by
// what value makes of it. The order of members stays, and the form of numbers.
// value gets the name of the member that the string is in, and that of the member
// that this one is in.
func rewrite(document []byte, value func(parent, field, text string) string) []byte {
	r := &rewriter{decoder: json.NewDecoder(bytes.NewReader(document)), replace: value}
	r.decoder.UseNumber()
	r.value("", "")
	return r.out.Bytes()
}

// rewriter reads a valid document and writes it anew.
type rewriter struct {
	decoder *json.Decoder
	out     bytes.Buffer
	replace func(parent, field, text string) string
}

func (r *rewriter) value(parent, field string) {
	token, _ := r.decoder.Token() // the document is valid
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			r.object(field)
		} else {
			r.array(parent, field)
		}
	case string:
		r.text(r.replace(parent, field, t))
	case json.Number:
		r.out.WriteString(t.String())
	case bool:
		fmt.Fprint(&r.out, t)
	default:
		r.out.WriteString("null")
	}
}

func (r *rewriter) object(name string) {
	r.out.WriteByte('{')
	for first := true; r.decoder.More(); first = false {
		if !first {
			r.out.WriteByte(',')
		}
		token, _ := r.decoder.Token()
		field, _ := token.(string)
		r.text(field)
		r.out.WriteByte(':')
		r.value(name, field)
	}
	_, _ = r.decoder.Token()
	r.out.WriteByte('}')
}

func (r *rewriter) array(parent, field string) {
	r.out.WriteByte('[')
	for first := true; r.decoder.More(); first = false {
		if !first {
			r.out.WriteByte(',')
		}
		r.value(parent, field)
	}
	_, _ = r.decoder.Token()
	r.out.WriteByte(']')
}

// text writes a string.
func (r *rewriter) text(s string) {
	e := json.NewEncoder(&r.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)                 // a string always encodes
	r.out.Truncate(r.out.Len() - 1) // Encode ends with a newline
}
