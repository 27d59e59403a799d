package capture

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// planted are secrets, names and personal data, one a line.
const planted = `S3cret-Pw
hunter2
Welcome1
Welcome_123#
tiger
Pa$$w0rd!
p@ssw0rd
correcthorsebatterystaple
Xk9-Lm2/Qr7+Tz==
~!s3cr3t^&*
geheim:wort;2024
p w d with blanks Zx9
пароль
密码secret密码
mot de passé
"quoted" s3cr3t
back\slash\s3cr3t
<tag>s3cr3t</tag>
AKIAIOSFODNN7EXAMPLE
ASIAY34FZKBOKMUTVV7A
wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY
ya29.a0AfH6SMBexampleTokenOfGoogle
1//0gdemoRefreshTokenOfGoogle
GOCSPX-demoClientSecret0123456789
8Q~abcDEFghiJKLmnoPQRstuVWXyz0123456789a
DefaultEndpointsProtocol=https;AccountName=acmestore;AccountKey=c2VjcmV0a2V5c2VjcmV0a2V5
sv=2022-11-02&sr=b&sig=Zm9vYmFyYmF6cXV4c2VjcmV0%3D
sig=hX8Qe2Fm9Zr3Lk7Pw1Vn5Yt
ghp_16C7e42F292c6912E7710c838347Ae178B4a
glpat-xYz1234567890abcdeFg
xoxb-123456789012-abcdefABCDEF
sk_live_4eC39HqLyjWDarjtT1zdp7dc
SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc
npm_0123456789abcdefABCDEF0123456789
dop_v1_0123456789abcdef0123456789abcdef
hvs.CAESIJlU9JMYEhOPYv4igdhm9PnZDrabYTobQ4Ymnlq1qY
eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmcmVkIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r
eyJraWQiOiJhYmMifQ.eyJpc3MiOiJhY21lIn0
JSESSIONID=0A1B2C3D4E5F60718293A4B5C6D7E8F9
sessionid=38afes7a8; Path=/; HttpOnly
ogg_sca=eyJ2IjoxLCJ1Ijoic2NvdHQifQ
Bearer mF_9.B5f-4.1JqM
Basic Z2dtb25pdG9yOlMzY3JldC1Qdw==
Digest username="Mufasa", response="6629fae49393a05397450978507c4ef1"
Negotiate YIIJvwYGKwYBBQUCoIIJszCC
NTLM TlRMTVNTUAABAAAAB4IIog
X-Api-Key: 9f8e7d6c5b4a
SharedAccessSignature sr=acme&sig=abcd1234efgh
ocid1.tenancy.oc1..aaaaaaaaexampletenancy
ocid1.user.oc1..aaaaaaaaexampleuserabc
ocid1.goldengatedeployment.oc1.eu-frankfurt-1.amaaaaaadeploy
ocid1.vaultsecret.oc1.iad.amaaaaaasecretone
arn:aws:iam::123456789012:user/fred
arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-Ab12Cd
projects/acme-prod-4711/secrets/dbpassword
/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/acme
0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
20:57:49:33:ab:cd:ef:01:23:45:67:89:aa:bb:cc:dd
SHA256:uNiVztksCsDhcc0u9e8BrbJdhPpTfmKd3sZzQhKpZ1M
5f4dcc3b5aa765d61d8327deb882cf99
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy
$6$rounds=5000$saltsalt$hashhashhash
{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g
S:9C3F1D2E4B5A69788796A5B4C3D2E1F0AABBCCDD;T:E1F0AABBCCDD
AADAAAAAAAAAAAAAGABCDEFGHIJ
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7fred
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKfred fred@laptop7
-----BEGIN OPENSSH PRIVATE KEY-----b3BlbnNzaC1rZXk-----END OPENSSH PRIVATE KEY-----
-----BEGIN RSA PRIVATE KEY-----MIIEowIBAAKCAQEA
-----BEGIN PGP PRIVATE KEY BLOCK-----lQOYBF
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ
prod77
prod77.corp.acme
db-primary-01.internal.acme.net
ip-10-1-2-3.eu-west-1.compute.internal
acme-ogg.goldengate.eu-frankfurt-1.oci.oraclecloud.com
nas01
scan-cluster7
exa01vm03
vmogg01
WINSRV2019
fra-dc1-rack12
10.20.30.40
192.168.178.23
172.16.254.1:9011
10.0.0.0/24
fd12:3456:789a:1::1
fe80::1ff:fe23:4567:890a%eth0
2001:0db8:85a3:0000:0000:8a2e:0370:7334
::ffff:10.20.30.41
00:1A:2B:3C:4D:5E
00-1a-2b-3c-4d-5f
001a.2b3c.4d5e
scott
c##ggadmin
GGADMIN
ggmonitor
svc_ogg_prod
ACME\fredm
fredm@ACME.LOCAL
u0123456
fred.miller
Fred Miller
Frédérique Müller-Lüdenscheid
山田太郎
Владимир
fred.miller@acme.example
miller+ogg@mail.acme.example
"Fred Miller" <fm@acme.example>
+49 170 1234567
+1 (415) 555-2671
06 12 34 56 78
0170-1234567
4111 1111 1111 1111
5500-0000-0000-0004
378282246310005
078-05-1120
DE89 3704 0044 0532 0130 00
GB29NWBK60161331926819
12.05.1984
1984-05-12
B-FM 4711
Hauptstraße 17, 10115 Berlin
221B Baker Street
52.520008, 13.404954
P1234567Z
ACME Corporation
Initech GmbH
Contoso
acme.example
finance-europe
payroll
ORCLPDB1
FINPROD.WORLD
TNS_ADMIN=/u01/app/tns77
(DESCRIPTION=(ADDRESS=(HOST=dbhost77)(PORT=15210))(CONNECT_DATA=(SERVICE_NAME=pay77)))
jdbc:oracle:thin:@//dbhost77:15210/pay77
scott/tiger@dbhost77:15210/pay77
mongodb+srv://fred:tiger@cluster77.acme.example/db77
postgresql://fred:tiger@pg77:54320/pay77
Server=sql77;User Id=sa77;Pwd=Zx12;
amqp://guest77:guest77@mq77:56720
https://fred:tiger@proxy77:31280
ldap://dc77.acme.example:38900/DC=acme
CN=prod77,OU=Fin,O=Acme,C=DE
uid=fredm,ou=people
SALES77.ORDERS77
PDB77.HR77.SALARIES77
EMPLOYEE_SALARY
/home/fredm/dirdat77
/Users/fredm/Library
C:\Users\fredm\wallet77
\\nas77\finance77\trails77
/net/nas77/fin77
/u01/app/acme77/wallets
~fredm/.ssh/id_rsa
file:///home/fredm/passwd77
s3://acme-trails-77/fin
oci://acme77@namespace77/wallet
SELECT ssn77 FROM people77 WHERE name='Miller'
ALTER USER fredm IDENTIFIED BY Zx12345
export OGG_PASSWORD='Zx12345'
userid c##fredm@pay77 password Zx12345
pin 47110815
OTP 839201
MFA-backup 8392-0193
license 1Z2Y3X-4W5V6U
eh7Kx2Lp
Ab1`

// forms returns a text in the forms in which it may be in an answer or in a file.
func forms(text string) []string {
	inJSON, _ := json.Marshal(text)
	all := []string{
		text, strings.Trim(string(inJSON), `"`), strings.Trim(string(quoted(text)), `"`),
		url.QueryEscape(text), url.PathEscape(text), url.PathEscape(url.PathEscape(text)),
		base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)),
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// places are where a text may be in an answer that is JSON.
var places = []string{
	`{"title":"SECRET"}`, `{"description":"first\nSECRET\nlast"}`, `{"name":"SECRET","status":"SECRET","$schema":"SECRET"}`,
	`{"title":"OGG-00446 Could not open SECRET for Extract (error 2), SECRET"}`, `{"title":"password: SECRET."}`, `{"title":"PWD=SECRET"}`,
	`{"password":"SECRET","pwd":"SECRET","accessKey":"SECRET","bearer":"SECRET","cookie":"SECRET","apiKey":"SECRET"}`,
	`{"credentials":{"SECRET":{"alias":"SECRET","domain":"SECRET"}},"SECRET":1,"xSECRET":["SECRET",{"SECRET":null}]}`,
	`{"links":[{"rel":"SECRET","href":"https://SECRET:9011/services/v2/extracts/SECRET?path=SECRET"}]}`,
	`{"title":"{\"title\":\"SECRET\",\"SECRET\":\"SECRET\"}","x":"[\"SECRET\"]"}`,
	`{"hostname":"SECRET","trailPath":"/home/SECRET/dirdat","uri":"trail://SECRET@SECRET:9014/services/v2/sources?trail=SECRET"}`,
	`{"config":["USERIDALIAS SECRET DOMAIN SECRET","IDENTIFIED BY SECRET"],"environment":[{"name":"SECRET","value":"SECRET"}]}`,
	`{"tableName":"SECRET","dbms":"SECRET","platform":"SECRET","label":"SECRET"}`, `["SECRET",["SECRET"]]`,
}

// figurePlaces are those where numbers stay.
var figurePlaces = []string{`{"lag":"SECRET","version":"SECRET","lastStarted":"SECRET","position":"SECRET"}`}

// texts are where a text may be in an answer that is something else.
const texts = `<html><head><title>502 SECRET</title></head><!-- SECRET --><a href="http://SECRET/x?y=SECRET">
Authorization: Basic SECRET
Cookie: SECRET; x=SECRET
{"password":"SECRET","title":"SECRET
\\SECRET\share\\n SECRET, 'SECRET' (SECRET) [SECRET]
IDENTIFIED BY SECRET;`

// exchangesWith returns requests and answers that have a secret everywhere, in one of its forms.
func exchangesWith(n int, secret, form string) []ogg.Exchange {
	inJSON, _ := json.Marshal(form)
	put := func(place string) string {
		return strings.ReplaceAll(place, "SECRET", strings.Trim(string(inJSON), `"`))
	}
	var items []string
	for _, place := range places {
		items = append(items, put(place))
	}
	if !figurePattern.MatchString(form) {
		items = append(items, put(figurePlaces[0]))
	}
	// A string in a string is escaped twice.
	nested := strings.ReplaceAll(places[9], "SECRET", strings.ReplaceAll(strings.Trim(string(inJSON), `"`), `\`, `\\`))
	nested = strings.ReplaceAll(nested, `\\"`, `\\\"`)
	if json.Valid([]byte(nested)) {
		items[9] = nested
	} else {
		items[9] = `{}`
	}
	return []ogg.Exchange{
		{Method: "GET", Deployment: form, Microservice: "adminsrvr", Path: fmt.Sprintf("/extracts/%s/%d", url.PathEscape(form), n), Status: 200, Body: []byte(`{"items":[` + strings.Join(items, ",") + `]}`)},
		{
			Method: "GET", Deployment: "x", Microservice: form, Path: fmt.Sprintf("/trails/%d?path=%s", n, url.QueryEscape(form)), Status: 502,
			ContentType: "text/html; x=" + form, Body: []byte(strings.ReplaceAll(texts, "SECRET", form)), Err: errors.New("dial tcp " + secret + ": " + form),
		},
	}
}

// TestPromise checks that of more than 150 secrets, names and personal data, in every place of
// answers and in several forms, none is left in a capture: neither in plain, nor escaped, nor in
// base64, nor in the form of URLs.
func TestPromise(t *testing.T) {
	t.Parallel()
	all := slices.Collect(strings.SplitSeq(planted, "\n"))
	if len(all) < 150 {
		t.Fatalf("%d secrets", len(all))
	}
	p := poll{sm: config.ServiceManager{Name: "prod77.corp.acme"}, inst: &ogg.Installation{}}
	for _, secret := range all {
		for _, form := range forms(secret) {
			p.exchanges = append(p.exchanges, exchangesWith(len(p.exchanges), secret, form)...)
		}
	}
	dir := t.TempDir()
	if err := p.write(dir, newMasker([]config.ServiceManager{p.sm}, nil)); err != nil {
		t.Fatal(err)
	}
	checkPromise(t, filesOf(t, dir), append(all, unknownWords(all)...))
}

// unknownWords returns the words of the texts that are long enough to be told from others, and that
// the vocabulary does not have.
func unknownWords(texts []string) []string {
	m := newMasker(nil, nil)
	var unknown []string
	for _, word := range wordPattern.FindAllString(strings.Join(texts, " "), -1) {
		if len(word) >= 6 && !m.keeps(word) {
			unknown = append(unknown, word)
		}
	}
	return unknown
}

// checkPromise checks that no secret is in a file or in its name.
func checkPromise(t *testing.T, files map[string]string, secrets []string) {
	t.Helper()
	var all strings.Builder
	for name, text := range files {
		all.WriteString(strings.ToLower(name + "\n" + text + "\n"))
	}
	text := all.String()
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			if at := strings.Index(text, strings.ToLower(form)); at >= 0 {
				t.Errorf("%q is left: %q", form, text[max(0, at-60):min(len(text), at+60)])
			}
		}
	}
}

// TestPromiseOfLogin checks that the exporter's own login and headers do not stay where a server
// echoes them.
func TestPromiseOfLogin(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; "+r.Header.Get("X-Key"))
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "%s %s %v", r.Method, r.RequestURI, r.Header)
	}
	s := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	sm := config.ServiceManager{Name: "gg", URL: u, APIVersion: config.DefaultAPIVersion, MaxConcurrentRequests: 1, Timeout: bubble.Timeout(t, config.DefaultTimeout)}
	sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: "connection", Password: "refused"}
	sm.HTTPClient.HTTPHeaders = &promconfig.Headers{Headers: map[string]promconfig.Header{"X-Key": {Values: []string{"timeout"}}}}
	dir := filepath.Join(t.TempDir(), "capture")
	if err := Write(t.Context(), []config.ServiceManager{sm}, readTables, dir, t.Output()); err != nil {
		t.Fatal(err)
	}
	checkPromise(t, filesOf(t, filepath.Join(dir, "service-manager-1")), []string{"connection:refused", "timeout"})
}
