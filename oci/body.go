package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

const (
	// smallBody is the size up to which bodies are read side by side, in bytes. Of larger ones
	// of a client, up to maxBody, one is read at a time.
	smallBody = 1 << 20
	// maxRefresh is how much the answers of one refresh may have, in bytes: most of it is kept
	// until all pages are read.
	maxRefresh = 128 << 20
	// maxItems is how many items one list may have.
	maxItems = 100_000
)

// Why an answer is not read.
var (
	errLargeBody    = fmt.Errorf("answer of more than %d MiB", maxBody>>20)
	errLargeRefresh = fmt.Errorf("the answers of one refresh have more than %d MiB", maxRefresh>>20)
)

// intake bounds the memory for the answers of one refresh.
type intake struct {
	large chan struct{} // held while a body that is not small is read
	size  atomic.Int64  // of all bodies so far
}

func newIntake() *intake { return &intake{large: make(chan struct{}, 1)} }

// read reads the body of an answer.
func (in *intake) read(ctx context.Context, answer io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(answer, smallBody))
	if err == nil && len(body) == smallBody {
		body, err = in.goOn(ctx, body, answer)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, err
	case err != nil:
		return nil, &brokenError{err}
	case len(body) > maxBody:
		return nil, errLargeBody
	case in.size.Add(int64(len(body))) > maxRefresh:
		return nil, errLargeRefresh
	}
	return body, wire.Check(body)
}

// goOn reads the rest of a body that is not small, when no other is being read.
func (in *intake) goOn(ctx context.Context, body []byte, answer io.Reader) ([]byte, error) {
	select {
	case in.large <- struct{}{}:
		defer func() { <-in.large }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	rest, err := io.ReadAll(io.LimitReader(answer, maxBody+1-smallBody))
	return append(body, rest...), err
}
