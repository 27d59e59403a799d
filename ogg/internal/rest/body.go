package rest

import (
	"bytes"
	"fmt"
	"sync"
)

// maxBody is the largest body that is read, in bytes.
const maxBody = 32 << 20

func tooLarge(url string) error {
	return &BodyError{URL: url, Got: fmt.Sprintf("a body of more than %d MiB", maxBody>>20)}
}

// Bodies is a pool of buffers for response bodies. The zero value is ready for use.
type Bodies struct{ pool sync.Pool }

// keptBody is the largest buffer that is reused, in bytes.
const keptBody = 64 << 10

func (b *Bodies) get() *bytes.Buffer {
	if body, ok := b.pool.Get().(*bytes.Buffer); ok {
		return body
	}
	return &bytes.Buffer{}
}

func (b *Bodies) put(body *bytes.Buffer) {
	if body != nil && body.Cap() <= keptBody {
		body.Reset()
		b.pool.Put(body)
	}
}
