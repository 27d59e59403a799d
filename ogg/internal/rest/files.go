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
	// fileSoon is how long to wait for a file that is read again before going on with what is known.
	fileSoon = 100 * time.Millisecond
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
// its own. Once it is known what the file holds, nobody waits long for it: as long as it cannot be
// read again, what it held last counts.
type file struct {
	reader *fileReader
	name   string

	mu      sync.Mutex
	latest  content
	began   time.Time // when the attempt that brought it began
	fresh   bool      // not expired since
	attempt *attempt  // the latest that is under way; nil if there is none
}

// content is what a file held.
type content struct {
	text    string
	err     error // an *fs.PathError if it could not be read
	version int   // which counts its changes; 0 if nothing is known
}

// attempt is one attempt to read a file.
type attempt struct {
	began    time.Time
	patience time.Duration
	expired  bool          // since it began; guarded by file.mu
	done     chan struct{} // closed once content is set
	content  content
}

// read returns the text of the file.
func (f *file) read(ctx context.Context) (string, error) {
	now := f.content(ctx)
	return now.text, now.err
}

// content returns what the file holds. It waits for that until ctx ends if nothing is known yet.
func (f *file) content(ctx context.Context) content {
	known, ahead := f.look()
	if ahead == nil {
		return known
	}
	var soon <-chan time.Time
	if known.version > 0 {
		timer := time.NewTimer(time.Until(ahead.began.Add(fileSoon)))
		defer timer.Stop()
		soon = timer.C
	}
	select {
	case <-ahead.done:
		return ahead.content
	case <-soon:
		return known
	case <-ctx.Done():
		if known.version == 0 {
			known.err = &fs.PathError{Op: "read in time", Path: f.name, Err: context.Cause(ctx)}
		}
		return known
	}
}

// look returns what is known of the file, and the attempt to wait for if that is too old.
func (f *file) look() (known content, ahead *attempt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fresh && time.Since(f.began) < fileAge {
		return f.latest, nil
	}
	if f.attempt == nil || time.Since(f.attempt.began) >= f.attempt.patience {
		f.attempt = f.next()
		go f.try(f.attempt)
	}
	if f.latest.version > 0 && time.Since(f.attempt.began) >= fileSoon {
		return f.latest, nil
	}
	return f.latest, f.attempt
}

// next returns a new attempt, which may be beside one that hangs.
func (f *file) next() *attempt {
	next := &attempt{began: time.Now(), patience: filePatience, done: make(chan struct{})}
	if f.attempt != nil {
		next.patience = 2 * f.attempt.patience
	}
	return next
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
// at once.
func (f *file) take(text string, err error) {
	if f.latest.version == 0 || text != f.latest.text || describeError(err) != describeError(f.latest.err) {
		f.latest = content{text, err, f.latest.version + 1}
	}
}

// describeError returns the text of an error; "" for none.
func describeError(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// expire has the file read again before it is used.
func (f *file) expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fresh = false
	if f.attempt != nil {
		f.attempt.expired = true
	}
}
