//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPackageScripts runs the scripts of the packages in another root, where systemd refuses everything, as it does
// with a unit that is masked or a configuration that the new version does not take: the package is installed and
// removed nevertheless. It leaves alone what is not its own file.
func TestPackageScripts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		password func(path string) error
		want     string // what is given to the group
	}{
		"a file":         {func(path string) error { return os.WriteFile(path, nil, 0o600) }, "/etc/ogg_exporter /etc/ogg_exporter/ogg_exporter.yml /etc/ogg_exporter/password"},
		"no file":        {func(string) error { return nil }, "/etc/ogg_exporter /etc/ogg_exporter/ogg_exporter.yml"},
		"a link":         {func(path string) error { return os.Symlink("ogg_exporter.yml", path) }, "/etc/ogg_exporter /etc/ogg_exporter/ogg_exporter.yml"},
		"a link nowhere": {func(path string) error { return os.Symlink("/run/no/such", path) }, "/etc/ogg_exporter /etc/ogg_exporter/ogg_exporter.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			etc := filepath.Join(root, "etc/ogg_exporter")
			for _, dir := range []string{etc, filepath.Join(root, "run/systemd/system")} {
				must(t, os.MkdirAll(dir, 0o755))
			}
			must(t, os.WriteFile(filepath.Join(etc, "ogg_exporter.yml"), nil, 0o600))
			must(t, test.password(filepath.Join(etc, "password")))
			said := runScript(t, root, "postinstall", "configure")
			if got := strings.Join(strings.Fields(strings.ReplaceAll(said, root, "")), " "); got != test.want {
				t.Errorf("of the group are now %q, want %q", got, test.want)
			}
			runScript(t, root, "preremove", "remove")
			runScript(t, root, "postremove", "purge")
			if _, err := os.Lstat(etc); !os.IsNotExist(err) {
				t.Errorf("after purge, %s is there: %v", etc, err)
			}
		})
	}
}

// runScript runs a script of the packages with the files in root, and returns what it prints. The programs that it calls
// are in testdata: one that the test itself writes cannot be run for a moment, if another test starts a program meanwhile.
func runScript(t *testing.T, root, name, action string) string {
	t.Helper()
	text := content(t, "../packaging/"+name+".sh")
	for _, dir := range []string{"/etc/ogg_exporter", "/run/systemd"} {
		text = strings.ReplaceAll(text, dir, root+dir)
	}
	stubs, err := filepath.Abs("testdata/programs")
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", text, name, action)
	cmd.Env = append(os.Environ(), "PATH="+stubs+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
