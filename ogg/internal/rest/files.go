package rest

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/files"
)

// filePatience is how long to wait for a file before another attempt to read it is made beside
// the first. Each further attempt is waited for twice as long.
const filePatience = 10 * time.Second

// fileReader reads files that may be on a file system that hangs. A read that hangs cannot be ended and
// holds a thread, of which the process may have a limited number: so requests that need the same
// file at the same time share one read, which the first of them makes. The zero value is ready for
// use.
type fileReader struct {
	// open reads a file; files.Read if nil.
	open func(name string) ([]byte, error)
	// relieve frees file descriptors; nil if nothing can.
	relieve func()

	mu      sync.Mutex
	reading map[string]*reading // by name
}

// reading is one attempt to read a file.
type reading struct {
	began    time.Time
	patience time.Duration
	done     chan struct{} // closed once the fields below are set
	content  string
	err      error
}

// read returns the content of a file. Its error is an *fs.PathError. It leaves another's attempt
// when ctx ends, but not its own: that is what guard is for.
func (f *fileReader) read(ctx context.Context, name string) (string, error) {
	r, own := f.begin(name)
	if own {
		f.attempt(name, r)
	}
	select {
	case <-r.done:
		return r.content, r.err
	case <-ctx.Done():
		return "", &fs.PathError{Op: "read in time", Path: name, Err: context.Cause(ctx)}
	}
}

// readSoon is read for whoever has no context: it waits until the attempt has lasted for a limited
// time, and reports false if that did not suffice.
func (f *fileReader) readSoon(name string, limit time.Duration) (string, error, bool) {
	r, own := f.begin(name)
	if own {
		go f.attempt(name, r)
	}
	timer := time.NewTimer(time.Until(r.began.Add(limit)))
	defer timer.Stop()
	select {
	case <-r.done:
		return r.content, r.err, true
	case <-timer.C:
		return "", nil, false
	}
}

// begin returns the attempt under way, or a new one that the caller has to make.
func (f *fileReader) begin(name string) (r *reading, own bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := f.reading[name]
	if last != nil && time.Since(last.began) < last.patience {
		return last, false
	}
	next := &reading{began: time.Now(), patience: filePatience, done: make(chan struct{})}
	if last != nil {
		next.patience = 2 * last.patience
	}
	if f.reading == nil {
		f.reading = map[string]*reading{}
	}
	f.reading[name] = next
	return next, true
}

// attempt reads a file.
func (f *fileReader) attempt(name string, r *reading) {
	defer close(r.done)
	content, err := f.load(name)
	if isExhausted(err) && f.relieve != nil {
		f.relieve()
		content, err = f.load(name)
	}
	r.content, r.err = string(content), err
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reading[name] == r {
		delete(f.reading, name)
	}
}

// load reads a file once.
func (f *fileReader) load(name string) ([]byte, error) {
	if f.open != nil {
		return f.open(name)
	}
	return files.Read(name)
}
