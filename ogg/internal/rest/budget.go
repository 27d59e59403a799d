package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"golang.org/x/sync/semaphore"
)

// maxBody is the largest body that is read, in bytes, after decompression.
const maxBody = 32 << 20

// DefaultBudget is the size of a Budget if none is configured, in bytes.
const DefaultBudget = 64 << 20

// pieceSize is how much memory a body of unknown length gets at a time, in bytes. The first
// piece of a body does not count: bodies up to that size are not large.
const pieceSize = 256 << 10

const (
	// maxNotSmall is how many bodies of a client may be under way that are not small: each may
	// take a piece that does not count in the Budget. Each client has ownNotSmall of these slots
	// for itself, so that it gets on whatever others hold; all share the rest.
	maxNotSmall = 64
	ownNotSmall = 4
)

// Budget limits the memory for large bodies of the process, and for the lists in all of them. One part of it is shared by
// bodies of moderate size; the other holds one body of the largest size, and bodies that do
// not fit in the shared part take turns to use it, and so do clients. Whoever has the turn waits
// for nobody, and loses it if the body hardly gets on while others wait, so all bodies get on. The
// memory is reused, because garbage would not count.
type Budget struct {
	most     int // the largest body, and the size of the reserve
	moderate int // the largest body in the shared part
	shared   *semaphore.Weighted
	pieces   sync.Pool // of *[pieceSize]byte
	turn     chan struct{}
	waiting  atomic.Int64  // bodies that wait for the turn
	slots    chan struct{} // for bodies that are not small, beyond the own ones of each client
	held     held          // for what is kept of the answers
	// reserve is the buffer for the body whose turn it is. The garbage collector may take it
	// between two bodies.
	reserve weak.Pointer[reserve]
}

// reserve is a buffer of the size of the largest body, and one byte in which its end shows.
type reserve struct{ bytes []byte }

// NewBudget returns a Budget of size bytes.
func NewBudget(size int) *Budget { return newBudget(size, min(size, maxBody)) }

// newBudget returns a Budget of size bytes, for bodies of at most that many.
func newBudget(size, most int) *Budget {
	return &Budget{
		most: most, moderate: (size - most) / 8, shared: semaphore.NewWeighted(int64(size - most)),
		turn: make(chan struct{}, 1), slots: make(chan struct{}, maxNotSmall-ownNotSmall), held: held{most: int64(max(size, maxHeld))},
	}
}

// tooLarge returns the error of a body that exceeds the limit.
func (b *Budget) tooLarge() error {
	if b.most < maxBody {
		return &BodyError{Got: fmt.Sprintf("a body of more than %d KiB, all of --ogg.max-body-memory", b.most>>10), large: true}
	}
	return &BodyError{Got: fmt.Sprintf("a body of more than %d MiB", maxBody>>20), large: true}
}

// loan is the part of a Budget that one body uses: pieces until its length is known, then one
// buffer.
type loan struct {
	budget *Budget
	size   int // of the body so far
	pieces []*[pieceSize]byte
	bytes  []byte        // one byte longer than the body may be; nil while it is in pieces
	shared int64         // how much of the shared part it holds
	turn   *reserve      // nil if it does not have the turn
	turns  chan struct{} // of the client: full while one of its bodies has the turn, or is the next
	// cut ends the reading. It may be called at any time.
	cut  func() error
	come atomic.Int64 // how much was read
	over atomic.Bool  // nothing is read any more
	late atomic.Bool  // it lost the turn
}

// A body that has the turn while others wait for it loses it if less than slowest comes in patience.
const (
	patience = time.Second
	slowest  = 256 << 10
)

// watch looks after the body that has the turn, of which so much had come before.
func (l *loan) watch(before int64) {
	time.AfterFunc(patience, func() {
		come := l.come.Load()
		switch {
		case l.over.Load():
		case come-before < slowest && l.budget.waiting.Load() > 0:
			l.late.Store(true)
			_ = l.cut()
		default:
			l.watch(come)
		}
	})
}

// room returns where the body continues.
func (l *loan) room(ctx context.Context) ([]byte, error) {
	if l.bytes == nil && l.size == len(l.pieces)*pieceSize {
		if err := l.grow(ctx); err != nil {
			return nil, err
		}
	}
	if l.bytes != nil {
		return l.bytes[l.size:], nil
	}
	return l.pieces[len(l.pieces)-1][l.size%pieceSize:], nil
}

// grow adds a piece, or moves the body to the reserve.
func (l *loan) grow(ctx context.Context) error {
	if len(l.pieces) > 0 && (l.size+pieceSize > l.budget.moderate || !l.borrow(pieceSize)) {
		return l.takeTurn(ctx)
	}
	piece, ok := l.budget.pieces.Get().(*[pieceSize]byte)
	if !ok {
		piece = new([pieceSize]byte)
	}
	l.pieces = append(l.pieces, piece)
	return nil
}

// borrow takes n bytes of the shared part, and reports whether there was room.
func (l *loan) borrow(n int) bool {
	if !l.budget.shared.TryAcquire(int64(n)) {
		return false
	}
	l.shared += int64(n)
	return true
}

// unite moves the body into one buffer for size bytes.
func (l *loan) unite(ctx context.Context, size int) error {
	if size <= l.budget.moderate && l.borrow(size+1) {
		l.join(make([]byte, size+1))
		return nil
	}
	return l.takeTurn(ctx)
}

// takeTurn waits for the turn, and moves the body into the reserve.
func (l *loan) takeTurn(ctx context.Context) error {
	if err := l.wait(ctx); err != nil {
		return err
	}
	l.turn = l.budget.reserve.Value()
	if l.turn == nil {
		l.turn = &reserve{bytes: make([]byte, l.budget.most+1)}
		l.budget.reserve = weak.Make(l.turn)
	}
	l.join(l.turn.bytes)
	if !l.over.Load() {
		l.watch(l.come.Load())
	}
	return nil
}

// wait waits for the turn, first among the bodies of the client.
func (l *loan) wait(ctx context.Context) error {
	l.budget.waiting.Add(1)
	defer l.budget.waiting.Add(-1)
	err := &BodyError{Got: "a large body, with --ogg.max-body-memory in use for others"}
	select {
	case l.turns <- struct{}{}:
	case <-ctx.Done():
		err.Err = context.Cause(ctx)
		return err
	}
	select {
	case l.budget.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-l.turns
		err.Err = context.Cause(ctx)
		return err
	}
}

// join copies the pieces to bytes, and gives them back.
func (l *loan) join(bytes []byte) {
	l.bytes = bytes
	for i, piece := range l.pieces {
		copy(l.bytes[min(i*pieceSize, len(l.bytes)):], piece[:])
		l.budget.pieces.Put(piece)
	}
	paid := int64(max(0, len(l.pieces)-1) * pieceSize)
	l.budget.shared.Release(paid)
	l.shared -= paid
	l.pieces = nil
}

// end gives everything back.
func (l *loan) end() {
	l.join(nil)
	l.budget.shared.Release(l.shared)
	l.shared = 0
	if l.turn != nil {
		l.turn = nil
		<-l.budget.turn
		<-l.turns
	}
}

// readFrom reads a source to its end.
func (l *loan) readFrom(ctx context.Context, source io.Reader) error {
	defer l.over.Store(true)
	for {
		room, err := l.room(ctx)
		if err != nil {
			return err
		}
		n, err := source.Read(room)
		l.size += n
		l.come.Store(int64(l.size))
		switch {
		case l.size > l.budget.most, l.bytes != nil && l.size == len(l.bytes): // longer than it may be
			return l.budget.tooLarge()
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && l.late.Load():
			return &BodyError{Got: fmt.Sprintf("a large body that did not get on after %d KiB, while others waited for --ogg.max-body-memory", l.size>>10)}
		case err != nil:
			return err
		}
	}
}

// content returns the body after its end.
func (l *loan) content(ctx context.Context) ([]byte, error) {
	if l.bytes == nil && len(l.pieces) == 1 {
		return l.pieces[0][:l.size], nil
	}
	if l.bytes == nil {
		if err := l.unite(ctx, l.size); err != nil {
			return nil, err
		}
	}
	return l.bytes[:l.size], nil
}
