package wire

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Panics makes a panic the error of the read in which it happened, logs it with its stack, once in
// 10 minutes for each read, and counts it. A nil Panics neither logs nor counts. It is safe for concurrent use.
type Panics struct {
	log    *slog.Logger
	seldom *Seldom[string] // by what panicked
	count  atomic.Uint64
}

// NewPanics returns a Panics that has seen none.
func NewPanics(log *slog.Logger) *Panics {
	return &Panics{log: log, seldom: NewSeldom[string](time.Now)}
}

// Count returns how many panics there were.
func (p *Panics) Count() uint64 { return p.count.Load() }

// Catch returns the error of read, or a *PanicError if it panics; what names it.
func (p *Panics) Catch(what string, read func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			caught := newPanicError(value)
			caught.what = what
			p.note(caught)
			err = caught
		}
	}()
	return read()
}

func (p *Panics) note(caught *PanicError) {
	if p == nil {
		return
	}
	p.count.Add(1)
	if !p.seldom.May(caught.what) {
		p.log.Debug("A read panicked again", "read", caught.what, "panic", OneLine(fmt.Sprint(caught.value)))
		return
	}
	p.log.Error("A read panicked; this is a bug of the exporter, please report it", "read", caught.what, "panic", OneLine(fmt.Sprint(caught.value)), "stack", string(caught.stack[:min(len(caught.stack), maxStack)]))
}

// maxStack is how many bytes of a stack are logged.
const maxStack = 8 << 10

// PanicError is a panic that was caught.
type PanicError struct {
	what  string
	value any
	stack []byte
}

// newPanicError keeps the stack of a panic that Group raised again.
func newPanicError(value any) *PanicError {
	if raised, is := value.(*PanicError); is {
		return raised
	}
	return &PanicError{value: value, stack: debug.Stack()}
}

func (e *PanicError) Error() string {
	return OneLine(fmt.Sprintf("%s panicked: %v", e.what, e.value))
}

// Group runs functions at the same time, as sync.WaitGroup does. A panic of one of them is
// raised again by Wait, so that it can be caught where the read began.
type Group struct {
	group    sync.WaitGroup
	panicked atomic.Pointer[PanicError] // the first
}

// Go calls f in a goroutine of its own.
func (g *Group) Go(f func()) {
	g.group.Go(func() {
		defer func() {
			if value := recover(); value != nil {
				g.panicked.CompareAndSwap(nil, newPanicError(value))
			}
		}()
		f()
	})
}

// Wait waits for all functions.
func (g *Group) Wait() {
	g.group.Wait()
	if caught := g.panicked.Load(); caught != nil {
		panic(caught)
	}
}
