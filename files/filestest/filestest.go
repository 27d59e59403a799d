// Package filestest makes files that no program should read to their end, for tests.
package filestest

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// File is a name that leads to no usable file, and how the reason begins.
type File struct{ Name, Problem string }

// Hostile returns files that would hang a reader, or have no end: by what they are.
func Hostile(t testing.TB) map[string]File {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(in("large"), nil, 0o600))
	must(os.Truncate(in("large"), 16<<20+1)) // takes no space
	hostile := map[string]File{
		"directory": {dir, "not a regular file, but a directory"},
		"too large": {in("large"), "larger than 16 MiB"},
	}
	if makePipe(in("pipe")) == nil {
		must(os.Symlink("pipe", in("link")))
		hostile["pipe"] = File{in("pipe"), "not a regular file, but a pipe"}
		hostile["link"] = File{in("link"), "not a regular file, but a pipe"}
		hostile["device"] = File{"/dev/zero", "not a regular file, but a device"}
	}
	// The address of a socket is limited to about 100 bytes.
	if socket, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", in("s")); err == nil {
		t.Cleanup(func() { _ = socket.Close() })
		hostile["socket"] = File{in("s"), "not a regular file, but a socket"}
	}
	return hostile
}
