package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// configured returns the block of docs/clients.md that begins with a comment with that name, for the target at that
// address, and scraped more often.
func configured(t *testing.T, name, address string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/clients.md")
	must(t, err)
	for i, block := range strings.Split(string(page), "\n```") {
		_, body, _ := strings.Cut(block, "\n")
		if i%2 == 1 && strings.HasPrefix(body, "# "+name+"\n") {
			if !strings.Contains(body, "localhost:17809") {
				t.Fatalf("%s is about another target", name)
			}
			return strings.NewReplacer("localhost:17809", address, "30s", "2s", "15s", "2s").Replace(body) + "\n"
		}
	}
	t.Fatalf("docs/clients.md has no %s", name)
	return ""
}

// configFile writes what configured returns into a file.
func configFile(t *testing.T, name, address string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(configured(t, name, address)), 0o600))
	return path
}
