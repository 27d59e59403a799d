package capture

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// definitions are requests for what processes, paths, trails and tasks are, by service.
var definitions = map[string][]string{
	"adminsrvr": {
		"/extracts/EXT1", "/replicats/REP1", "/extracts/EXT1/info/checkpoints?history=1", "/replicats/REP1/info/checkpoints",
		"/extracts/EXT1/info/reports", "/extracts/EXT1/info/reports/EXT1.rpt", "/replicats/REP1/info/reports/REP1.rpt", "/replicats/REP1/info/reports/REP1.dsc",
		"/config/types/ogg:managedProcessSettings/values/" + oggtest.DefaultProfile,
		"/tasks", "/tasks/purge", "/tasks/report", "/tasks/purge/info/status", "/tasks/purge/info/history",
		"/trails?details=true", "/trails/ea", "/connections/OracleGoldenGate.ggadmin/tables/heartbeatData",
	},
	"distsrvr": {"/exttrails", "/sources/TOSOUTH/stats"},
	"recvsrvr": {"/targets/INBOUND/stats", "/targets/INBOUND/progress"},
	"pmsrvr":   {"/monitoring/messages", "/monitoring/lastMessageId", "/monitoring/REP1/messages"},
}

// answersTo returns the answers of a release to definitions, by path.
func answersTo(t *testing.T, release oggtest.Release) map[string][]byte {
	t.Helper()
	i := secretive(release)
	d := &i.Deployments[0]
	d.Processes[0].Status, d.Processes[1].Status, d.Processes[1].DiscardsPerSecond = "abended", "abended", 1
	d.Processes[0].Trail = "ea"
	d.Tasks = []oggtest.Task{{Name: "purge", Purges: []string{"ea"}}, {Name: "report", Every: time.Minute}}
	d.Trails = []oggtest.Trail{{Name: "zz", ArchiveTask: "purge"}}
	s, _ := simulate(t, i)
	answers := map[string][]byte{}
	for service, paths := range definitions {
		for _, path := range paths {
			answers[path] = bodyOf(t, s.ServiceURL("north", service)+path)
		}
	}
	return answers
}

func bodyOf(t *testing.T, url string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("ggmonitor", "S3cret-Pw")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// general are members that have figures in definitions, and may have anything elsewhere.
var general = map[string]bool{"value": true, "window": true, "timeout": true}

// TestVocabularyHasDefinitions checks that the members and figures of definitions stay.
func TestVocabularyHasDefinitions(t *testing.T) {
	t.Parallel()
	v := newVocabulary()
	for _, release := range oggtest.Releases {
		for path, body := range answersTo(t, release) {
			for member, figures := range membersOf(body) {
				if !v.hasMember(member) {
					t.Errorf("%s: add %s to vocabulary/texts.txt or figures.txt", path, member)
				}
				if figures && !general[member] && !v.figures[strings.ToLower(member)] {
					t.Errorf("%s: add %s to vocabulary/figures.txt", path, member)
				}
			}
		}
	}
}

// TestDefinitionsShowNoText checks that of parameters, reports and messages nothing is left but
// pseudonyms: neither a secret nor any other word.
func TestDefinitionsShowNoText(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		m := newTestMasker(t)
		texts := 0
		for path, body := range answersTo(t, release) {
			masked := string(m.body(body))
			for _, secret := range append([]string{oggtest.Secret, "Miller", "4111", "USERID", "invalid username", "PASSWORD"}, secrets...) {
				if strings.Contains(strings.ToLower(masked), strings.ToLower(secret)) && secret != "north" {
					t.Errorf("%s %s: %s is in %s", release, path, secret, masked)
				}
			}
			texts += textsOf(t, release, path, []byte(masked))
		}
		if texts < 20 {
			t.Errorf("%s: only %d texts", release, texts)
		}
	}
}

// textsOf checks the texts of parameters, reports and messages, and returns how many there are.
func textsOf(t *testing.T, release oggtest.Release, path string, masked []byte) int {
	t.Helper()
	var a struct {
		Response struct {
			Config, Lines []string
			Message       []struct{ Text string }
		}
	}
	if err := json.Unmarshal(masked, &a); err != nil {
		return 0 // a collection
	}
	all := slices.Concat(a.Response.Config, a.Response.Lines)
	for _, m := range a.Response.Message {
		all = append(all, m.Text)
	}
	for _, text := range all {
		if strings.ContainsAny(text, " ,;") {
			t.Errorf("%s %s: %q is left", release, path, text)
		}
	}
	return len(all)
}
