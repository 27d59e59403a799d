//go:build linux

package e2e

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

const (
	installedConfig = "/etc/ogg_exporter/ogg_exporter.yml"
	installedUnit   = "/usr/lib/systemd/system/ogg_exporter.service"
)

// TestPackage installs the package for Debian, runs the exporter as its unit says, and upgrades, removes and
// purges the package.
func TestPackage(t *testing.T) {
	dir := os.Getenv("PACKAGE")
	if dir == "" {
		t.Skip("LEFT OUT: it installs a package on this machine; make package-test runs it")
	}
	neededProgram(t, "dpkg-deb", "package dpkg")
	analyze := neededProgram(t, "systemd-analyze", "package systemd")
	untouched(t)
	deb := only(t, filepath.Join(dir, "*_"+debArch(t)+".deb"))
	output(t, "dpkg", "--no-triggers", "--install", deb)

	checkInstalled(t, deb)
	output(t, analyze, "verify", installedUnit, strings.Replace(installedUnit, ".service", ".socket", 1))
	installed := parseUnit(t)
	if out, err := installed.command(t, installed.start+" --config.check").CombinedOutput(); err != nil {
		t.Errorf("the configuration that comes with it: %v\n%s", err, out)
	}
	t.Run("runs", func(t *testing.T) { runInstalled(t, installed) })
	t.Run("upgrade", func(t *testing.T) { upgradeInstalled(t, deb) })
	t.Run("remove", func(t *testing.T) {
		output(t, "dpkg", "--no-triggers", "--remove", "ogg-exporter")
		left := existing(t, deb)
		if want := []string{"/etc/default/ogg_exporter", "/etc/ogg_exporter", installedConfig, "/etc/ogg_exporter/password"}; !slices.Equal(left, want) {
			t.Errorf("there are still %q", left)
		}
	})
	t.Run("purge", func(t *testing.T) {
		must(t, os.WriteFile("/etc/ogg_exporter/password2", nil, 0o600))
		output(t, "dpkg", "--purge", "ogg-exporter")
		if left := existing(t, deb); left != nil {
			t.Errorf("there are still %q", left)
		}
		if _, err := user.Lookup("ogg_exporter"); err != nil {
			t.Errorf("a user must not be removed, who may have files: %v", err)
		}
	})
}

// untouched checks that nothing of the package is here, and removes at the end what it leaves.
func untouched(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("only root can install a package")
	}
	if os.Getenv("CI") != "" {
		removeInstalled(t) // what a run left that was killed
	}
	if left := leftovers(); left != nil {
		t.Fatalf("there are already %q, and the test would remove them", left)
	}
	t.Cleanup(func() {
		removeInstalled(t)
		if left := leftovers(); left != nil {
			t.Errorf("the test leaves %q", left)
		}
	})
}

// leftovers returns what there is of the package and its user.
func leftovers() []string {
	var left []string
	for _, path := range []string{"/etc/ogg_exporter", "/etc/default/ogg_exporter", installedUnit, "/usr/bin/ogg_exporter"} {
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			left = append(left, path)
		}
	}
	if _, err := user.Lookup("ogg_exporter"); err == nil {
		left = append(left, "the user ogg_exporter")
	}
	return left
}

// removeInstalled removes the package and its user, as far as they are there.
func removeInstalled(t *testing.T) {
	t.Helper()
	commands := [][]string{
		{"dpkg", "--purge", "ogg-exporter"},
		{"dpkg", "--triggers-only", "--pending"}, // once, instead of each time
	}
	if _, err := user.Lookup("ogg_exporter"); err == nil {
		commands = append(commands, []string{"userdel", "ogg_exporter"})
	}
	for _, c := range commands {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Errorf("clean-up: %s: %v\n%s", strings.Join(c, " "), err, out)
		}
	}
}

func debArch(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(output(t, "dpkg", "--print-architecture"))
}

// existing returns what there is, of the files of a package that Debian itself does not have.
func existing(t *testing.T, deb string) []string {
	t.Helper()
	var found []string
	for line := range strings.Lines(output(t, "dpkg-deb", "--contents", deb)) {
		fields := strings.Fields(line)
		path := strings.TrimSuffix(strings.TrimPrefix(fields[5], "."), "/")
		if _, err := os.Lstat(path); err == nil && strings.Contains(path, "ogg") {
			found = append(found, path)
		}
	}
	slices.Sort(found)
	return found
}

// checkInstalled: all files are there, and what may hold a password is readable for the exporter, but not
// for others.
func checkInstalled(t *testing.T, deb string) {
	t.Helper()
	if got := existing(t, deb); len(got) < len(packagedFiles) || !slices.Contains(got, "/usr/bin/ogg_exporter") {
		t.Errorf("there are only %q", got)
	}
	for path, want := range map[string]string{
		"/etc/ogg_exporter":          "drwxr-x--- root ogg_exporter",
		installedConfig:              "-rw-r----- root ogg_exporter",
		"/etc/ogg_exporter/password": "-rw-r----- root ogg_exporter",
		"/etc/default/ogg_exporter":  "-rw-r--r-- root root",
		"/usr/bin/ogg_exporter":      "-rwxr-xr-x root root",
	} {
		if got := strings.TrimSpace(output(t, "stat", "-c", "%A %U %G", path)); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if got, want := strings.Split(strings.TrimSpace(output(t, "getent", "passwd", "ogg_exporter")), ":"), []string{"/nonexistent", "/usr/sbin/nologin"}; !slices.Equal(got[5:], want) {
		t.Errorf("the user is %q", got)
	}
}

// installedService is what the unit says about the process.
type installedService struct {
	start       string
	reload      []string
	environment string
	credential  syscall.Credential
}

// parseUnit reads the unit as far as a process without systemd can follow it.
func parseUnit(t *testing.T) installedService {
	t.Helper()
	var s installedService
	lines := bufio.NewScanner(strings.NewReader(content(t, installedUnit)))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		switch key {
		case "ExecStart":
			s.start = value
		case "ExecReload":
			s.reload = append(s.reload, value)
		case "EnvironmentFile":
			s.environment = strings.TrimPrefix(value, "-")
		case "User":
			account, err := user.Lookup(value)
			must(t, err)
			s.credential.Uid = number(t, account.Uid)
		case "Group":
			group, err := user.LookupGroup(value)
			must(t, err)
			s.credential.Gid = number(t, group.Gid)
		}
	}
	if s.start == "" || len(s.reload) != 2 || s.environment == "" || s.credential.Uid == 0 || s.credential.Gid == 0 {
		t.Fatalf("the unit has become another one than this test knows: %+v", s)
	}
	return s
}

func number(t *testing.T, id string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(id, 10, 32)
	must(t, err)
	return uint32(n)
}

// command is a line of the unit as the unit's user, with the variables of the unit's file.
func (s installedService) command(t *testing.T, line string, env ...string) *exec.Cmd {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^(\w+)="(.*)"$`).FindAllStringSubmatch(content(t, s.environment), -1) {
		line = strings.ReplaceAll(line, "$"+m[1], m[2])
	}
	words := strings.Fields(line)
	c := exec.CommandContext(t.Context(), words[0], words[1:]...)
	c.Dir, c.Env = "/", env
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &s.credential, Pdeathsig: syscall.SIGKILL}
	return c
}

// runInstalled starts the exporter, which reads a GoldenGate, and reloads its configuration.
func runInstalled(t *testing.T, s installedService) {
	gg, err := oggtest.Start(oggtest.Installation{Deployments: []oggtest.Deployment{{Name: "north"}}})
	must(t, err)
	t.Cleanup(gg.Close)
	configure := func(name string) {
		text := asYAML(t, map[string]any{"service_managers": []any{elementOf(name, gg)}})
		must(t, os.WriteFile(installedConfig, []byte(text), 0o600)) // keeps the rights of the file
	}
	must(t, os.WriteFile(s.environment, []byte("OPTIONS=\"--web.listen-address=127.0.0.1:0 --log.format=logfmt\"\n"), 0o600))
	configure("one")
	systemd, notifySocket := listenAsSystemd(t)
	must(t, os.Chmod(filepath.Dir(filepath.Dir(notifySocket)), 0o755))
	must(t, os.Chmod(filepath.Dir(notifySocket), 0o755))
	must(t, os.Chmod(notifySocket, 0o666))

	p := &process{ended: make(chan struct{}), cmd: s.command(t, s.start, "NOTIFY_SOCKET="+notifySocket)}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	must(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		http.DefaultClient.CloseIdleConnections()
		if t.Failed() {
			t.Log(p.log.tail(50))
		}
	})
	p.url = "http://" + p.says(t, `msg="Listening on" address=(\S+)`)
	systemd.want(t, "READY=1")
	until(t, func() error { _, err := fetch(p.url + "/-/ready"); return err })
	until(t, func() error { return expectUp(p.url, "one", reloaded) })

	configure("two")
	for _, line := range s.reload {
		line = strings.ReplaceAll(line, "$MAINPID", strconv.Itoa(p.cmd.Process.Pid))
		if out, err := s.command(t, line).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	systemd.want(t, "RELOADING=1", "READY=1")
	must(t, expectUp(p.url, "two", reloaded))
	must(t, os.WriteFile(installedConfig, []byte("colour: red\n"), 0o600))
	if err := s.command(t, s.reload[0]).Run(); err == nil {
		t.Error("an invalid file does not fail the reload")
	}
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.ended
	must(t, p.err)
}

// upgradeInstalled installs a later version, whose example is another: what was changed stays.
func upgradeInstalled(t *testing.T, deb string) {
	changed := "service_managers: [] # changed\n"
	must(t, os.WriteFile(installedConfig, []byte(changed), 0o600))
	must(t, os.Chmod(installedConfig, 0o600))
	dir := t.TempDir()
	tree, later := filepath.Join(dir, "tree"), filepath.Join(dir, "later.deb")
	output(t, "dpkg-deb", "--raw-extract", deb, tree)
	control := filepath.Join(tree, "DEBIAN", "control")
	must(t, os.WriteFile(control, []byte(regexp.MustCompile(`(?m)^Version: .*`).ReplaceAllString(content(t, control), "Version: 99.0.0")), 0o600))
	example := filepath.Join(tree, installedConfig)
	must(t, os.WriteFile(example, []byte(content(t, example)+"# A later example.\n"), 0o600))
	output(t, "dpkg-deb", "--build", "-Znone", tree, later)
	output(t, "dpkg", "--no-triggers", "--force-confdef", "--force-confold", "--install", later)
	if got := content(t, installedConfig); got != changed {
		t.Errorf("the configuration is now\n%s", got)
	}
	if got, want := strings.TrimSpace(output(t, "stat", "-c", "%A %U %G", installedConfig)), "-rw------- root ogg_exporter"; got != want {
		t.Errorf("it is now %s, and was %s", got, want)
	}
	if !strings.Contains(content(t, installedConfig+".dpkg-dist"), "# A later example.") {
		t.Error("the later example is not beside it")
	}
	if got := strings.TrimSpace(output(t, "dpkg-query", "--show", "--showformat=${Version} ${Status}", "ogg-exporter")); got != "99.0.0 install ok installed" {
		t.Errorf("the package is now %s", got)
	}
}
