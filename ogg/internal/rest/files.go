package rest

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/files"
)

const (
	// fileAge is how old what is known of a file may be. Each poll has it read again.
	fileAge = time.Second
	// fileSoon is how long a request waits for a file that is read again before it goes on with what is
	// known, and fileAtOnce is how long whoever holds a lock does.
	fileSoon   = time.Second
	fileAtOnce = 100 * time.Millisecond
	// filePatience is how long to wait for a file before another attempt to read it is made beside
	// the first. Each further attempt is waited for twice as long.
	filePatience = 10 * time.Second
)

// fileReader holds what the files of a login hold, so that a request need not read them. The zero value
// is ready for use.
type fileReader struct {
	// open reads a file; files.Read if nil.
	open func(name string) ([]byte, error)
	// relieve frees file descriptors; nil if nothing can.
	relieve func()

	mu    sync.Mutex
	files map[string]*file // by name
}

// of returns the file with that name.
func (r *fileReader) of(name string) *file {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files[name] == nil {
		if r.files == nil {
			r.files = map[string]*file{}
		}
		r.files[name] = &file{reader: r, name: name}
	}
	return r.files[name]
}

// expire has each file read again before it is used.
func (r *fileReader) expire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.files {
		f.expire()
	}
}

// load reads a file once.
func (r *fileReader) load(name string) ([]byte, error) {
	if r.open != nil {
		return r.open(name)
	}
	return files.Read(name)
}

// file is a file that may be on a file system that hangs. A read that hangs cannot be ended and holds a
// thread, of which the process may have a limited number: so all share one attempt, in a goroutine of
// its own. Once it is known what the file holds, nobody waits long for it: while the file system hangs,
// what it held last counts.
type file struct {
	reader *fileReader
	name   string

	mu      sync.Mutex
	latest  content
	text    string    // the latest that could be read
	began   time.Time // when the attempt that brought it began
	fresh   bool      // not expired since
	attempt *attempt  // the latest that is under way; nil if there is none
}

// content is what a file held.
type content struct {
	text    string
	err     error // an *fs.PathError if it could not be read
	version int   // which counts the changes of the text; 0 if nothing is known
}

// attempt is one attempt to read a file.
type attempt struct {
	began    time.Time
	patience time.Duration
	expired  bool          // since it began; set while it is under way, with file.mu held
	done     chan struct{} // closed once content is set
	content  content
}

// read returns the text of the file. If nothing is known yet, it waits for that until ctx ends.
func (f *file) read(ctx context.Context) (string, error) {
	now := f.content(ctx.Done(), fileSoon)
	if now.version == 0 {
		return "", &fs.PathError{Op: "read in time", Path: f.name, Err: context.Cause(ctx)}
	}
	return now.text, now.err
}

// content returns what the file holds. It waits for an attempt to read it until that has lasted for a
// limited time or, if nothing is known yet, until over is closed, which is nil for whoever cannot wait.
func (f *file) content(over <-chan struct{}, soon time.Duration) content {
	asked := time.Now()
	for {
		known, ahead := f.look(soon)
		if ahead == nil || !ahead.await(over, soon, known.version > 0 || over == nil) {
			return known
		}
		// Polls may begin faster than the file can be read: what was read since then is new enough.
		if !ahead.expired || ahead.began.After(asked) {
			return ahead.content
		}
	}
}

// await waits for the end of an attempt, and reports whether it came.
func (a *attempt) await(over <-chan struct{}, soon time.Duration, limited bool) bool {
	var late <-chan time.Time
	if limited {
		timer := time.NewTimer(time.Until(a.began.Add(soon)))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-a.done:
		return true
	case <-late:
	case <-over:
	}
	return false
}

// look returns what is known of the file, and the attempt to wait for if that is too old.
func (f *file) look(soon time.Duration) (known content, ahead *attempt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fresh && time.Since(f.began) < fileAge {
		return f.latest, nil
	}
	f.begin()
	if f.latest.version > 0 && time.Since(f.attempt.began) >= soon {
		return f.latest, nil
	}
	return f.latest, f.attempt
}

// begin begins an attempt, unless one is under way that has not lasted too long. The caller holds the
// lock.
func (f *file) begin() {
	next := &attempt{began: time.Now(), patience: filePatience, done: make(chan struct{})}
	if before := f.attempt; before != nil {
		if time.Since(before.began) < before.patience {
			return
		}
		next.patience = 2 * before.patience
	}
	f.attempt = next
	go f.try(next)
}

// try reads the file.
func (f *file) try(a *attempt) {
	text, err := f.reader.load(f.name)
	if isExhausted(err) && f.reader.relieve != nil {
		f.reader.relieve()
		text, err = f.reader.load(f.name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	defer close(a.done)
	if f.attempt == a {
		f.attempt = nil
	}
	if !a.began.Before(f.began) {
		f.began, f.fresh = a.began, !a.expired
		f.take(string(text), err)
	}
	a.content = f.latest
}

// take notes what the file holds. A text that has not changed stays the same string, which is compared
// at once. That the file cannot be read for a while does not change its text.
func (f *file) take(text string, err error) {
	version := max(f.latest.version, 1)
	if err != nil {
		f.latest = content{"", err, version}
		return
	}
	if f.latest.version == 0 || text != f.text {
		f.text, version = text, f.latest.version+1
	}
	f.latest = content{f.text, nil, version}
}

// expire has the file read again before it is used.
func (f *file) expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fresh = false
	if f.attempt != nil {
		f.attempt.expired = true
	}
	f.begin()
}
