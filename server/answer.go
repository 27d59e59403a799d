package server

import (
	"container/list"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The pieces in which an answer is kept: most answers fit into the first.
const (
	firstPiece = 4 << 10
	nextPieces = 64 << 10
)

// answer is an http.ResponseWriter that keeps the answer in memory, so that whoever makes it
// never waits for the client.
type answer struct {
	http.ResponseWriter

	status int
	pieces [][]byte
	size   int
	used   *sync.Pool // of the outbox

	mu   sync.Mutex
	sent bool // or given up: the ResponseWriter may no longer be used

	// The outbox guards the following.
	left  int           // bytes that are not yet written
	moved time.Time     // when some were last written, or could be
	at    *list.Element // in the outbox; nil once cut off
}

// WriteHeader keeps the first status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write keeps p. It never fails.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	n := len(p)
	a.size += n
	for len(p) > 0 {
		last := len(a.pieces) - 1
		if last < 0 || len(a.pieces[last]) == cap(a.pieces[last]) {
			a.pieces = append(a.pieces, a.newPiece())
			last++
		}
		fits := min(len(p), cap(a.pieces[last])-len(a.pieces[last]))
		a.pieces[last] = append(a.pieces[last], p[:fits]...)
		p = p[fits:]
	}
	return n, nil
}

// newPiece returns the next piece.
func (a *answer) newPiece() []byte {
	if len(a.pieces) == 0 {
		return make([]byte, 0, firstPiece)
	}
	if used, is := a.used.Get().(*[nextPieces]byte); is {
		return used[:0]
	}
	return make([]byte, 0, nextPieces)
}

// cutOff makes writing the answer fail. It may be called at any time.
func (a *answer) cutOff() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.sent {
		_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(time.Unix(1, 0))
	}
}

// end lets go of the ResponseWriter.
func (a *answer) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = true
}

// outbox holds the answers that are being written. It bounds their number and what they hold
// in memory, whatever the clients do: over a bound, those whose clients have read nothing for
// longest are cut off, except for the newest answer.
type outbox struct {
	maxAnswers int // 0 is no limit
	maxBytes   int
	// freeBytes is what answers may hold before those are cut off whose clients have read nothing
	// for stalled. Many clients that read get their answers at once where they share a poll.
	freeBytes int
	log       *slog.Logger
	used      sync.Pool // of pieces that are written

	mu      sync.Mutex
	bytes   int
	answers list.List // of *answer, the longest without progress first
}

// stalled is how long a client that reads needs at most for the next piece of its answer.
const stalled = time.Second

// serve answers with next. Once it has returned, the answer is written until the deadline
// that until returns.
func (o *outbox) serve(w http.ResponseWriter, r *http.Request, next http.Handler, until func() time.Time) {
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // nothing is written yet
	a := &answer{ResponseWriter: w, used: &o.used}
	defer a.end()
	next.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	w.Header().Set("Content-Length", strconv.Itoa(a.size))
	_ = control.SetWriteDeadline(until())
	o.add(a)
	defer o.remove(a)
	if err := o.write(a); err != nil {
		o.log.Debug("Writing an answer failed", "path", r.URL.Path, "err", err)
	}
}

// write writes the answer and lets go of each piece once it is written. One that could not be
// written is not used again: HTTP/2 may still be reading it.
func (o *outbox) write(a *answer) error {
	a.ResponseWriter.WriteHeader(a.status)
	for i, piece := range a.pieces {
		if _, err := a.ResponseWriter.Write(piece); err != nil {
			return err
		}
		a.pieces[i] = nil
		if cap(piece) == nextPieces {
			o.used.Put((*[nextPieces]byte)(piece[:nextPieces]))
		}
		o.wrote(a, len(piece))
	}
	return nil
}

// add adds an answer that is complete, and makes room for it.
func (o *outbox) add(a *answer) {
	for _, old := range o.enter(a) {
		old.cutOff()
	}
}

// enter adds an answer, and returns those that have to go for it.
func (o *outbox) enter(a *answer) []*answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	a.left, a.moved = a.size, time.Now()
	o.bytes += a.left
	a.at = o.answers.PushBack(a)
	var cut []*answer
	for o.answers.Len() > 1 && o.hasToGo(o.answers.Front().Value.(*answer)) {
		first := o.answers.Front().Value.(*answer)
		o.forget(first)
		cut = append(cut, first)
	}
	return cut
}

// hasToGo reports whether a bound is exceeded for which the answer that has waited longest has
// to go. The caller holds o.mu.
func (o *outbox) hasToGo(first *answer) bool {
	return o.maxAnswers > 0 && o.answers.Len() > o.maxAnswers || o.bytes > o.maxBytes ||
		o.bytes > o.freeBytes && time.Since(first.moved) >= stalled
}

// wrote counts bytes of an answer that are written.
func (o *outbox) wrote(a *answer, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a.at != nil {
		a.left -= n
		o.bytes -= n
		a.moved = time.Now()
		o.answers.MoveToBack(a.at)
	}
}

// remove removes an answer that is written, or cannot be.
func (o *outbox) remove(a *answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a.at != nil {
		o.forget(a)
	}
}

// forget removes an answer. The caller holds o.mu.
func (o *outbox) forget(a *answer) {
	o.answers.Remove(a.at)
	a.at = nil
	o.bytes -= a.left
}
