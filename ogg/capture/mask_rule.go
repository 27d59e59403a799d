package capture

import (
	"regexp"
	"slices"
	"strings"
)

// kind is what a text names. A pseudonym begins with its kind.
type kind string

const (
	plainText       kind = ""
	hostName        kind = "host"
	userName        kind = "user"   // of GoldenGate, a database or the machine; also an alias
	domainName      kind = "domain" // of a credential store
	databaseName    kind = "database"
	certificateText kind = "certificate" // anything that identifies it
	secretText      kind = "secret"

	connectionName kind = "connection" // domain.alias
	tableName      kind = "table"      // possibly database.schema.table
	addressText    kind = "address"    // possibly an IP address
	dottedName     kind = "dotted"     // possibly a host in a known network
	pemText        kind = "PEM"
	escapedText    kind = "escaped"  // percent-encoded
	unlearned      kind = "password" // in prose: removed here, but not learned
)

const removed = "(removed)"

// neverMasked are texts that identify nothing, even in the place of a user, host or database.
var neverMasked = strings.Fields("* any all none null unknown default true false localhost " +
	"localhost.localdomain oraclegoldengate localwallet docs.oracle.com www.rfc-editor.org " + removed)

// vocabulary has words of the API and of GoldenGate. A user or database with such a name is
// masked only where a field says that it is one.
const vocabulary = `
	services v2 installation deployments config health check summary extracts replicats info status
	sources targets checkpoints trails mpoints processes certificates client server truststore
	connections tables heartbeat items name path
	servicemanager adminsrvr distsrvr recvsrvr pmsrvr pluginsrvr
	ogg oracle goldengate microservices database host user source target extract replicat trail
	http https ws wss tcp localtrail u01 u02 u03 opt var lib data dirdat home
	running stopped killed abended starting get error`

// fields say what a field holds, by the end of its name in lower case without "_" and "-".
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

// enumerations are fields whose values are GoldenGate's own words, or versions, which may look
// like addresses.
var enumerations = strings.Fields("$schema rel mediaType code severity status version label " +
	"processState processType processMode portType serviceName microservice")

// fieldKind returns what a field holds, by its name.
func fieldKind(name string) kind {
	name = strings.NewReplacer("_", "", "-", "").Replace(lower(name))
	for _, f := range fields {
		if slices.ContainsFunc(f.suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
			return f.kind
		}
	}
	return plainText
}

// loginForm and peerForm match what precedes and follows the "@" of a connect string.
const (
	loginForm = `(?:(?:([\w$#.-]+)/)?([^\s@/:"',;()=<>]+))?`
	peerForm  = `([\w$#-][\w$#.-]*|\[[0-9A-Fa-f:.]+\])`
)

// textRules recognize parts of any text by their context. Without needs in the text there is
// no match; kinds are those of the groups.
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

// pairPattern finds named values outside valid JSON: in a connect descriptor, a query, or a
// truncated body.
var pairPattern = regexp.MustCompile(`([A-Za-z_][A-Za-z_.-]*)(?:\s*=\s*["']?|"\s*:\s*")([^\s,;()"'&=\\]+)`)
