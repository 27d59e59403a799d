package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

const (
	// largeBody is the size up to which a body does not count in the Budget.
	largeBody = pieceSize
	// keptBody is the largest buffer that is reused, in bytes, and smallBody the largest body
	// that needs no larger one, and the most that is read of the answer to a failed request.
	keptBody  = 64 << 10
	smallBody = 63 << 10
)

// Bodies is the memory for response bodies: reused buffers, and for large bodies a Budget.
type Bodies struct {
	// Large is shared by all clients of the process.
	Large *Budget
	// Answers counts the answers that have come, whatever they are.
	Answers atomic.Int64

	small sync.Pool // of *bytes.Buffer
	gzips gzipReaders
	begin sync.Once
	turns chan struct{} // of the Budget, for which its bodies wait one after the other
	slots chan struct{} // its own ones for bodies that are not small
	kept  kept
}

// body is a response body, and the memory that holds it.
type body struct {
	bytes []byte
	small *bytes.Buffer
	large *loan
	slots chan struct{} // where it has a slot; nil if it has none
}

// size is how much of the body was read.
func (b *body) size() int {
	if b.large != nil {
		return b.large.size
	}
	return len(b.bytes)
}

// read reads the body of an answer, and only its beginning if the request failed. Its errors
// are *BodyError without the URL.
func (b *Bodies) read(ctx context.Context, answer *http.Response) (body, error) {
	failed := answer.StatusCode/100 != 2
	if !failed && answer.ContentLength > int64(b.Large.most) {
		return body{}, b.Large.tooLarge()
	}
	source, err := b.gzips.decompress(answer)
	if err != nil {
		return body{}, err
	}
	defer b.gzips.done(source)
	if failed {
		source.Reader = io.LimitReader(source.Reader, smallBody)
	}
	got, err := b.start(source)
	if err == nil && len(got.bytes) > smallBody {
		err = b.goOn(ctx, &got, source)
	}
	if err == nil && source.mayEndEarly && isCutOff(got.bytes) {
		err = io.ErrUnexpectedEOF
	}
	return got, bodyError(got.size(), err)
}

// start reads a small body, or the beginning of another.
func (b *Bodies) start(source *source) (body, error) {
	small, ok := b.small.Get().(*bytes.Buffer)
	if !ok {
		small = &bytes.Buffer{}
	}
	source.small = io.LimitedReader{R: source.Reader, N: smallBody + 1}
	_, err := small.ReadFrom(&source.small)
	return body{bytes: small.Bytes(), small: small}, err
}

// goOn reads the rest of a body that is not small.
func (b *Bodies) goOn(ctx context.Context, got *body, source *source) (err error) {
	slots, err := b.enter(ctx)
	if err != nil {
		return err
	}
	l := &loan{budget: b.Large, turns: b.turns, cut: source.body.Close}
	if source.length > largeBody {
		if err := l.unite(ctx, int(source.length)); err != nil {
			<-slots
			return err
		}
	}
	err = l.readFrom(ctx, io.MultiReader(bytes.NewReader(got.bytes), source))
	b.free(got)
	*got = body{large: l, slots: slots}
	if err == nil {
		got.bytes, err = l.content(ctx)
	}
	return err
}

// enter takes a slot for a body that is not small, and returns where.
func (b *Bodies) enter(ctx context.Context) (chan struct{}, error) {
	b.begin.Do(func() { b.slots, b.turns = make(chan struct{}, ownNotSmall), make(chan struct{}, 1) })
	select {
	case b.slots <- struct{}{}:
		return b.slots, nil
	default:
	}
	select {
	case b.slots <- struct{}{}:
		return b.slots, nil
	case b.Large.slots <- struct{}{}:
		return b.Large.slots, nil
	case <-ctx.Done():
		got := fmt.Sprintf("a body of more than %d KiB, with %d others under way", smallBody>>10, maxNotSmall)
		return nil, &BodyError{Got: got, Err: context.Cause(ctx)}
	}
}

// free gives back the memory of a body.
func (b *Bodies) free(used *body) {
	if used.small != nil && used.small.Cap() <= keptBody {
		used.small.Reset()
		b.small.Put(used.small)
	}
	if used.large != nil {
		used.large.end()
	}
	if used.slots != nil {
		<-used.slots
	}
	*used = body{}
}
