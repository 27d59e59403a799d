package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestLicenses checks that LICENSES.txt has the licenses of the modules that are linked into the
// binary, and names no directory of the machine that it was made on.
func TestLicenses(t *testing.T) {
	got, err := os.ReadFile("../../LICENSES.txt")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := write(&want, "../.."); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("LICENSES.txt is not that of go.mod; run make licenses, and review the diff")
	}
	modules, err := modulesOf("../..")
	if err != nil || len(modules) < 20 {
		t.Fatalf("%d modules, %v", len(modules), err)
	}
	for _, m := range modules {
		if !strings.Contains(string(got), "\n"+m.path+" "+m.version+"\n") || strings.Contains(string(got), m.dir) {
			t.Errorf("%s: not in LICENSES.txt, or with its directory", m.path)
		}
	}
}

// TestLicensesFails checks that a module without a license is an error.
func TestLicensesFails(t *testing.T) {
	dir := t.TempDir()
	m := module{path: "example.com/x", dir: dir, packages: []string{dir}}
	if files, err := m.files(); err == nil || !strings.Contains(err.Error(), "example.com/x has no license") {
		t.Errorf("got %v, %v", files, err)
	}
}
