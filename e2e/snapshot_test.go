package e2e

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// snapshot returns the directory in which make snapshot has made a release.
func snapshot(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SNAPSHOT")
	if dir == "" {
		t.Skip("LEFT OUT: make snapshot runs this")
	}
	return dir
}

// platforms are those that the release is for, as in the names of its files.
func platforms() []string {
	if only := os.Getenv("PLATFORMS"); only != "" && only != "all" {
		return []string{only}
	}
	return []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "linux_ppc64le", "linux_s390x", "windows_amd64"}
}

// released is the version in the names of the files, and of the packages.
func released(t *testing.T) (string, string) {
	t.Helper()
	version := strings.TrimSpace(content(t, "../VERSION"))
	if strings.Contains(version, "-") {
		version += ".snapshot"
	} else {
		version += "-snapshot"
	}
	return version, strings.Replace(version, "-", "~", 1)
}

func content(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	return string(text)
}

// only returns the one file that matches.
func only(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("%d files match %s", len(found), pattern)
	}
	return found[0]
}

// output returns what a program prints.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", c, err, out, said.String())
	}
	return string(out)
}

// TestSnapshotChecksums: SHA256SUMS has every file that is published, and is true.
func TestSnapshotChecksums(t *testing.T) {
	dir := snapshot(t)
	version, packaged := released(t)
	var want []string
	for _, platform := range platforms() {
		base := "ogg_exporter_" + version + "_" + platform
		want = append(want, base+".cdx.json", base+archiveOf(platform))
		if arch, is := strings.CutPrefix(platform, "linux_"); is {
			want = append(want, "ogg-exporter_"+packaged+"_"+debArchs[arch]+".deb", "ogg-exporter-"+packaged+"-1."+rpmArchs[arch]+".rpm")
		}
	}
	var got []string
	for line := range strings.Lines(content(t, filepath.Join(dir, "SHA256SUMS"))) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		got = append(got, name)
		if is := sha256.Sum256([]byte(content(t, filepath.Join(dir, name)))); hex.EncodeToString(is[:]) != sum {
			t.Errorf("%s has another checksum", name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var (
	debArchs = map[string]string{"amd64": "amd64", "arm64": "arm64", "ppc64le": "ppc64el", "s390x": "s390x"}
	rpmArchs = map[string]string{"amd64": "x86_64", "arm64": "aarch64", "ppc64le": "ppc64le", "s390x": "s390x"}
)

func archiveOf(platform string) string {
	if strings.HasPrefix(platform, "windows_") {
		return ".zip"
	}
	return ".tar.gz"
}

// TestSnapshotArchives: each archive has the program, the notices, and what one reads and uses beside it.
func TestSnapshotArchives(t *testing.T) {
	dir := snapshot(t)
	version, _ := released(t)
	for _, platform := range platforms() {
		base := "ogg_exporter_" + version + "_" + platform
		got := unpack(t, filepath.Join(dir, base+archiveOf(platform)))
		program := "ogg_exporter"
		if strings.HasPrefix(platform, "windows_") {
			program += ".exe"
		}
		want := []string{program}
		for _, pattern := range []string{"LICENSE", "LICENSES.txt", "README.md", "CHANGELOG.md", "METRICS.md", "config.example.yml", "docs/*.md", "docs/*.yml", "dashboards/*.json", "dashboards/runbooks.md", "dashboards/*.example.yml", "dashboards/rules/*.yml", "systemd/*"} {
			want = append(want, matching(t, pattern)...)
		}
		slices.Sort(want)
		for i, name := range want {
			want[i] = base + "/" + name
		}
		if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", platform, strings.Join(names, "\n"), strings.Join(want, "\n"))
		}
		checkProgram(t, dir, platform, got[base+"/"+program])
	}
}

// matching returns the files of the repository that match.
func matching(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob("../" + pattern)
	must(t, err)
	for i, name := range found {
		found[i] = filepath.ToSlash(strings.TrimPrefix(name, "../"))
	}
	return found
}

// unpack returns the files of an archive.
func unpack(t *testing.T, name string) map[string][]byte {
	t.Helper()
	if filepath.Ext(name) == ".zip" {
		archive, err := zip.OpenReader(name)
		must(t, err)
		defer func() { _ = archive.Close() }()
		files := map[string][]byte{}
		for _, file := range archive.File {
			files[file.Name], err = fs.ReadFile(archive, file.Name)
			must(t, err)
		}
		return files
	}
	file, err := os.Open(name)
	must(t, err)
	defer func() { _ = file.Close() }()
	plain, err := gzip.NewReader(file)
	must(t, err)
	committed := commitTime(t)
	files := map[string][]byte{}
	must(t, walkTar(plain, func(header *tar.Header, content io.Reader) (err error) {
		if header.ModTime.Unix() != committed {
			return fmt.Errorf("%s is of another time than the commit: %s", header.Name, header.ModTime)
		}
		if mode := header.Mode; mode != 0o644 && (mode != 0o755 || path.Base(header.Name) != "ogg_exporter") {
			return fmt.Errorf("%s has the mode %o", header.Name, mode) // that of the clone, perhaps
		}
		files[header.Name], err = io.ReadAll(content)
		return err
	}))
	return files
}

// commitTime is the time that everything in a release has, so that building it again makes the same files.
func commitTime(t *testing.T) int64 {
	t.Helper()
	seconds, err := strconv.ParseInt(strings.TrimSpace(output(t, "git", "log", "-1", "--format=%ct")), 10, 64)
	must(t, err)
	return seconds
}

func walkTar(r io.Reader, do func(*tar.Header, io.Reader) error) error {
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(header, archive)
		}
		if err != nil {
			return err
		}
	}
}

// checkProgram: the program is for its platform and says its version, which is to be seen where it can run,
// and has the bytes that make build gives. The SBOM lists what is in it.
func checkProgram(t *testing.T, dir, platform string, program []byte) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(program))
	must(t, err)
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if got := settings["GOOS"] + "_" + settings["GOARCH"]; got != platform || settings["CGO_ENABLED"] != "0" {
		t.Errorf("the program for %s is for %s, with CGO_ENABLED=%s", platform, got, settings["CGO_ENABLED"])
	}
	checkSBOM(t, dir, platform, info)
	if platform != runtime.GOOS+"_"+runtime.GOARCH {
		return
	}
	built := filepath.Join(dir, "..", "packaging", "ogg_exporter")
	if !bytes.Equal(program, []byte(content(t, built))) {
		t.Error("make build gives another program")
	}
	version := strings.TrimSpace(content(t, "../VERSION"))
	revision := strings.TrimSpace(output(t, "git", "rev-parse", "--short", "HEAD"))
	if got, want := output(t, built, "--version"), fmt.Sprintf("ogg_exporter, version %s (branch: , revision: %s)\n", version, revision); !strings.HasPrefix(got, want) {
		t.Errorf("it says %s instead of %s", got, want)
	}
}

// checkSBOM: the list of components is that of the modules which the program says that it has.
func checkSBOM(t *testing.T, dir, platform string, info *buildinfo.BuildInfo) {
	t.Helper()
	version, _ := released(t)
	var bom struct {
		Format     string `json:"bomFormat"`
		Components []struct{ Name, Version string }
	}
	must(t, json.Unmarshal([]byte(content(t, filepath.Join(dir, "ogg_exporter_"+version+"_"+platform+".cdx.json"))), &bom))
	var got []string
	for _, c := range bom.Components {
		got = append(got, c.Name+" "+c.Version)
	}
	want := []string{"std " + info.GoVersion}
	for _, module := range info.Deps {
		want = append(want, module.Path+" "+module.Version)
	}
	slices.Sort(got)
	slices.Sort(want)
	if bom.Format != "CycloneDX" || !slices.Equal(got, want) || !strings.Contains(strings.Join(got, "\n"), "prometheus/client_golang v") {
		t.Errorf("the SBOM of %s: got\n%s\nwant\n%s", platform, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// packagedFiles are the files and directories of the packages, with the rights that ls shows; a file of the
// configuration, which an upgrade keeps, has a "c" before them.
var packagedFiles = map[string]string{
	"/usr/bin/ogg_exporter":                                   "-rwxr-xr-x",
	"/etc/ogg_exporter":                                       "drwxr-x---",
	"/etc/ogg_exporter/ogg_exporter.yml":                      "c-rw-r-----",
	"/etc/ogg_exporter/password":                              "c-rw-r-----",
	"/etc/default/ogg_exporter":                               "c-rw-r--r--",
	"/usr/lib/systemd/system/ogg_exporter.service":            "-rw-r--r--",
	"/usr/lib/systemd/system/ogg_exporter.socket":             "-rw-r--r--",
	"/usr/lib/sysusers.d/ogg_exporter.conf":                   "-rw-r--r--",
	"/usr/share/man/man1/ogg_exporter.1.gz":                   "-rw-r--r--",
	"/usr/share/bash-completion/completions/ogg_exporter":     "-rw-r--r--",
	"/usr/share/fish/vendor_completions.d/ogg_exporter.fish":  "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/LICENSES.txt":                "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/config.example.yml":          "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/alertmanager.example.yml":    "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/overrides.example.yml":       "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/dashboards/cloud.json":       "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/dashboards/exporter.json":    "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/dashboards/overview.json":    "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/dashboards/pipelines.json":   "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/dashboards/process.json":     "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/dashboards/replication.json": "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/rules/alerts.yml":            "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/rules/recording.yml":         "-rw-r--r--",
	"/usr/share/doc/ogg-exporter/rules/slo.yml":               "-rw-r--r--",
}

// scripts are those of the packages, under the names that a deb and an rpm have for them.
var scripts = map[string][2]string{
	"postinstall": {"postinst", "postinstall"},
	"preremove":   {"prerm", "preuninstall"},
	"postremove":  {"postrm", "postuninstall"},
}

// TestSnapshotDebs: what the packages for Debian contain.
func TestSnapshotDebs(t *testing.T) {
	dir := snapshot(t)
	committed := commitTime(t)
	neededProgram(t, "dpkg-deb", "package dpkg")
	want := maps.Clone(packagedFiles)
	want["/usr/share/zsh/vendor-completions/_ogg_exporter"] = "-rw-r--r--"
	want["/usr/share/doc/ogg-exporter/copyright"] = "-rw-r--r--"
	for _, platform := range platforms() {
		arch, is := strings.CutPrefix(platform, "linux_")
		if !is {
			continue
		}
		deb := only(t, filepath.Join(dir, "*_"+debArchs[arch]+".deb"))
		kept := strings.Fields(output(t, "dpkg-deb", "--info", deb, "conffiles"))
		got := map[string]string{}
		must(t, walkTar(strings.NewReader(output(t, "dpkg-deb", "--fsys-tarfile", deb)), func(header *tar.Header, _ io.Reader) error {
			name := path.Clean("/" + header.Name)
			if _, is := want[name]; !is && header.Typeflag == tar.TypeDir {
				return nil // of Debian itself
			}
			got[name] = header.FileInfo().Mode().String()
			if slices.Contains(kept, name) {
				got[name] = "c" + got[name]
			}
			if header.Uname != "root" || header.Gname != "root" || header.ModTime.Unix() != committed {
				got[name] += " " + header.Uname + " " + header.Gname + " " + header.ModTime.String()
			}
			return nil
		}))
		if !maps.Equal(got, want) {
			t.Errorf("%s: got\n%v\nwant\n%v", deb, got, want)
		}
		for script, names := range scripts {
			if output(t, "dpkg-deb", "--info", deb, names[0]) != content(t, "../packaging/"+script+".sh") {
				t.Errorf("%s: %s is another", deb, names[0])
			}
		}
	}
}

// TestSnapshotRPMs: what the packages for Red Hat, SUSE and others contain.
func TestSnapshotRPMs(t *testing.T) {
	dir := snapshot(t)
	neededProgram(t, "rpm", "package rpm")
	want := maps.Clone(packagedFiles)
	want["/usr/share/zsh/site-functions/_ogg_exporter"] = "-rw-r--r--"
	want["/usr/share/doc/ogg-exporter/LICENSE"] = "-rw-r--r--"
	for _, platform := range platforms() {
		arch, is := strings.CutPrefix(platform, "linux_")
		if !is {
			continue
		}
		file := only(t, filepath.Join(dir, "*."+rpmArchs[arch]+".rpm"))
		got := map[string]string{}
		for line := range strings.Lines(output(t, "rpm", "-qp", "--qf", `[%{FILENAMES} %{FILEFLAGS:fflags}%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME}\n]`, file)) {
			name, rights, _ := strings.Cut(strings.TrimSpace(line), " ")
			rights = strings.TrimSuffix(rights, " root root")
			got[name] = strings.Replace(rights, "cn-", "c-", 1) // config(noreplace)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got\n%v\nwant\n%v", file, got, want)
		}
		said := output(t, "rpm", "-qp", "--scripts", file)
		for script, names := range scripts {
			if !regexp.MustCompile(`(?m)^` + names[1] + ` scriptlet .*\n` + regexp.QuoteMeta(content(t, "../packaging/"+script+".sh"))).MatchString(said) {
				t.Errorf("%s: %s is another in\n%s", file, names[1], said)
			}
		}
		output(t, "rpm", "-K", file) // its own checksums
	}
}

// TestSnapshotTexts: what packages have beside the program fits where a package puts it.
func TestSnapshotTexts(t *testing.T) {
	dir := filepath.Join(snapshot(t), "..", "packaging")
	file, err := os.Open(filepath.Join(dir, "ogg_exporter.1.gz"))
	must(t, err)
	defer func() { _ = file.Close() }()
	plain, err := gzip.NewReader(file)
	must(t, err)
	page, err := io.ReadAll(plain)
	must(t, err)
	for name, c := range map[string]struct{ text, want, not string }{
		"manual page": {string(page), "\n.SH \"NAME\"\nogg_exporter \\- Prometheus exporter", "\nogg_exporter\n"},
		// The first completion in a shell reads the file, which then has to complete.
		"completion for zsh": {content(t, filepath.Join(dir, "_ogg_exporter")), "\n[ \"$funcstack[1]\" != _ogg_exporter ] || _ogg_exporter \"$@\"\n", "/usr/local/"},
		"unit":               {content(t, filepath.Join(dir, "ogg_exporter.service")), "\nUser=ogg_exporter\nGroup=ogg_exporter\n", "/usr/local/"},
		"unit's user":        {content(t, filepath.Join(dir, "ogg_exporter.service")), "\nExecStart=/usr/bin/ogg_exporter ", "DynamicUser"},
	} {
		if !strings.Contains(c.text, c.want) || strings.Contains(c.text, c.not) {
			t.Errorf("the %s has no %q, or has %q:\n%.2000s", name, c.want, c.not, c.text)
		}
	}
}

// TestSignedChecksums: SHA256SUMS is not changed after it was signed, to list its signature.
func TestSignedChecksums(t *testing.T) {
	t.Parallel()
	type made []struct{ ID string }
	var release struct {
		Archives, NFPMs, SBOMs, Signs made
		Checksum                      struct{ IDs []string }
	}
	must(t, yaml.Unmarshal([]byte(content(t, "../.goreleaser.yml")), &release))
	var want []string
	for _, group := range []made{release.Archives, release.NFPMs, release.SBOMs} {
		for _, one := range group {
			want = append(want, one.ID)
		}
	}
	if !slices.Equal(release.Checksum.IDs, want) || slices.Contains(want, "") {
		t.Errorf("there are checksums of %q, want %q", release.Checksum.IDs, want)
	}
	for _, one := range release.Signs {
		if one.ID == "" || slices.Contains(want, one.ID) {
			t.Errorf("the signature %q gets a checksum", one.ID)
		}
	}
}

// TestReleaseTag: nothing is built or published for a tag that is not the version which the program says.
func TestReleaseTag(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"packaging", "publish"} {
		out, err := exec.CommandContext(t.Context(), neededProgram(t, "make", "package make"), "-C", "..", target, "RELEASE=99.0.0").CombinedOutput()
		if err == nil || !strings.Contains(string(out), "the tag says 99.0.0 and the file VERSION "+strings.TrimSpace(content(t, "../VERSION"))) {
			t.Errorf("make %s: %v\n%s", target, err, out)
		}
	}
}

// TestMakeSays: what make cannot do, it says.
func TestMakeSays(t *testing.T) {
	t.Parallel()
	program := neededProgram(t, "make", "package make")
	for _, test := range []struct {
		args, env []string
		fails     bool
		want      string
	}{
		{[]string{"snapshot", "PLATFORMS=linux_arm64"}, nil, true, "PLATFORMS is all or linux_amd64, and not linux_arm64"},
		{[]string{"snapshot"}, []string{"GIT_DIR=/no/such"}, true, "make snapshot needs a clone"},
		{[]string{"package-test"}, []string{"PATH=/no/such"}, false, "LEFT OUT: systemd-analyze is not installed (package systemd); the deb was NOT installed"},
	} {
		c := exec.CommandContext(t.Context(), program, append([]string{"-C", "..", "GO=:"}, test.args...)...)
		c.Env = append(os.Environ(), test.env...)
		out, err := c.CombinedOutput()
		if (err != nil) != test.fails || !strings.Contains(string(out), test.want) {
			t.Errorf("make %s, %v: %v\n%s", strings.Join(test.args, " "), test.env, err, out)
		}
	}
}
