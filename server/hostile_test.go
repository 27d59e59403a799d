package server_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/files/filestest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestReloadHostile: when the configuration, or a file that it names, has become something that
// cannot be read to its end, the previous configuration serves on, and the answer says what is wrong.
func TestReloadHostile(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) { // it may take as long as it does
		_, sm := simulate(t, "gg", twoDeployments(false))
		var log locked
		e := newExporter(t, &log, sm)
		before := samples(e.scrape(t, "60"))
		dir := t.TempDir()
		written := func(text string) string {
			name := filepath.Join(dir, "ogg.yml")
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return name
		}
		fails := func(name string, file func() string, want string) {
			e.setLoad(func() (*config.Config, error) { return config.Load(file(), config.Options{}) })
			if status, _, body := e.ask(t, http.MethodPost, "/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, want) {
				t.Errorf("%s: status %d\n%s", name, status, body)
			}
			after := e.scrape(t, "60")
			if !slices.Equal(samples(after), before) || value(t, after, successful) != 0 {
				t.Errorf("%s: the scrape is not as before", name)
			}
		}
		hostile := filestest.Hostile(t)
		for name, file := range hostile {
			fails(name, func() string { return file.Name }, "cannot be read: "+file.Problem)
			fails(name, func() string {
				return written("service_managers: [{url: 'http://gg', basic_auth: {username: a, password_file: " + file.Name + "}}]")
			}, "service_managers[0].basic_auth.password_file: file cannot be read: "+file.Problem)
		}
		bomb := &strings.Builder{}
		bomb.WriteString("a0: &a0 {k: v}\n")
		for i := range 9 {
			fmt.Fprintf(bomb, "a%[2]d: &a%[2]d {<<: [*a%[1]d, *a%[1]d, *a%[1]d, *a%[1]d, *a%[1]d, *a%[1]d, *a%[1]d, *a%[1]d]}\n", i, i+1)
		}
		fails("bomb", func() string { return written(bomb.String() + "service_managers: [{url: 'http://gg', <<: *a9}]") }, "stands for more than")
		e.configure(sm)
		e.reload(t)
		if value(t, e.scrape(t, "60"), successful) != 1 {
			t.Error("not whole again")
		}
	})
}
