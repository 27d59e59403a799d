package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/files/filestest"
)

// TestRead: what is no regular file is an error at once, and nothing is read of it.
func TestRead(t *testing.T) {
	for name, file := range filestest.Hostile(t) {
		t.Run(name, func(t *testing.T) {
			content, err := Read(file.Name)
			wantProblem(t, file, content, err)
			wantProblem(t, file, nil, Check(file.Name))
			if name == "too large" != errors.Is(err, ErrTooLarge) || name == "too large" == errors.Is(err, ErrNotRegular) {
				t.Errorf("the kind of %v", err)
			}
		})
	}
}

// wantProblem checks an error about a hostile file.
func wantProblem(t *testing.T, file filestest.File, content []byte, err error) {
	t.Helper()
	var of *fs.PathError
	if !errors.As(err, &of) || of.Path != file.Name || !strings.HasPrefix(of.Err.Error(), file.Problem) || content != nil {
		t.Errorf("%d bytes, %v, want %q", len(content), err, file.Problem)
	}
}

// TestReadRegular: regular files of any allowed size are read, as Kubernetes mounts them too.
func TestReadRegular(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty": "", "short": "hunter2\n", "long": strings.Repeat("a", Limit),
	} {
		file := filepath.Join(dir, name)
		must(t, os.WriteFile(file, []byte(text), 0o600))
		must(t, os.Symlink(name, file+".link"))
		must(t, os.Symlink(name+".link", file+".link.link"))
		for _, file := range []string{file, file + ".link", file + ".link.link"} {
			if got, err := Read(file); err != nil || string(got) != text {
				t.Errorf("%s: %d bytes, %v", file, len(got), err)
			}
		}
	}
}

// TestReadGrown: a size that is not what is read, as in /proc, is no promise.
func TestReadGrown(t *testing.T) {
	const name = "/proc/self/status"
	if _, err := os.Stat(name); err != nil {
		t.Skip("LEFT OUT: there is no " + name)
	}
	if got, err := Read(name); err != nil || len(got) == 0 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestTLS: promconfig reads certificates only through Read.
func TestTLS(t *testing.T) {
	for name, file := range filestest.Hostile(t) {
		t.Run(name, func(t *testing.T) {
			c, reader := TLS(promconfig.TLSConfig{CAFile: file.Name})
			if _, err := promconfig.NewTLSConfig(&c, reader); err == nil || !strings.Contains(err.Error(), file.Problem) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
