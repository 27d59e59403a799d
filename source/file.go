package source

import (
	"crypto/sha256"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/files"
)

// file is a configuration file that may be replaced at any time, in any way: only the
// text under its name counts. Editors rename the file and Kubernetes swaps a symbolic
// link, and a watch on the file itself would notice neither.
type file struct {
	path    string
	options config.Options

	mu     sync.Mutex // a load may be requested over HTTP during a check
	tried  string     // the fingerprint of the text just before the latest load
	failed bool       // that load found mistakes
	absent bool       // the latest check found no text
}

// load reads the configuration. The fingerprint is taken first: a file that is
// replaced in between then differs from it at the next check, so that no text is
// missed for good.
func (f *file) load() (*config.Config, error) {
	tried := f.fingerprint()
	c, err := config.Load(f.path, f.options)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried, f.failed = tried, err != nil
	return c, err
}

// changed reports whether a load would have a new result, once for each text, valid
// or not. A file that is missing or empty may be about to be written: it counts as
// changed from the second check in a row. A text that failed counts again once it
// has become valid by itself, for example because a password file that it names has
// appeared.
func (f *file) changed() bool {
	now := f.fingerprint()
	f.mu.Lock()
	tried, failed, settled := f.tried, f.failed, now != "" || f.absent
	f.absent = now == ""
	f.mu.Unlock()
	if now != tried {
		return settled
	}
	if !failed {
		return false
	}
	_, err := config.Load(f.path, f.options)
	return err == nil
}

// fingerprint identifies the text of the file without keeping it, because it may hold
// secrets. It is empty when there is no text.
func (f *file) fingerprint() string {
	text, err := files.Read(f.path)
	if err != nil || len(text) == 0 {
		return ""
	}
	sum := sha256.Sum256(text)
	return string(sum[:])
}
