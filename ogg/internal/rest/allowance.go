package rest

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
)

const (
	// maxHeld is how much memory what is kept of the answers of one poll may take, in bytes, by
	// an estimate: objectSize for each object beyond the few that every answer has, and the texts
	// of a body that is not small. 10,000 processes take some 40 MiB of it.
	maxHeld    = 64 << 20
	objectSize = 128
	freeObject = 64
)

type allowanceKey struct{}

// WithAllowance returns a context for one poll, all answers under which may take a bounded amount
// of memory once they are decoded.
func WithAllowance(ctx context.Context) context.Context {
	left := &atomic.Int64{}
	left.Store(maxHeld)
	return context.WithValue(ctx, allowanceKey{}, left)
}

// charge takes the memory for a body off the allowance of the context, and returns a *BodyError if
// there is not enough left. A response that has its own bound is not kept, but summed up.
func charge(ctx context.Context, url string, body []byte, response any) error {
	left, has := ctx.Value(allowanceKey{}).(*atomic.Int64)
	if _, isSummed := response.(interface{ MaxEntries() int }); !has || isSummed {
		return nil
	}
	cost := objectSize * max(0, bytes.Count(body, []byte("{"))-freeObject)
	if len(body) > smallBody {
		cost += len(body)
	}
	if cost > maxHeld { // far more than Decode takes, which says so
		return nil
	}
	if cost > 0 && left.Add(int64(-cost)) < 0 {
		left.Add(int64(cost))
		return &BodyError{URL: url, Got: fmt.Sprintf("a body of %d bytes, with the %d MiB in use that the answers of one poll may take", len(body), maxHeld>>20)}
	}
	return nil
}
