package oci

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// page returns a page of items of that many bytes.
func page(size int) string {
	return `{"items":[{"id":"` + strings.Repeat("x", size-len(`{"items":[{"id":""}]}`)) + `"}]}`
}

// TestIntake checks the bounds of one answer, and of all of a refresh.
func TestIntake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"small":     {page(1000), nil},
		"not small": {page(smallBody), nil},
		"large":     {page(maxBody), nil},
		"too large": {page(maxBody + 1), errLargeBody},
		"nested":    {`{"items":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, &wire.BoundError{}},
	} {
		got, err := newIntake().read(t.Context(), strings.NewReader(c.body))
		if _, isBound := errors.AsType[*wire.BoundError](err); !errors.Is(err, c.want) && !isBound || c.want == nil && string(got) != c.body {
			t.Errorf("%s: got %d bytes, %v", name, len(got), err)
		}
	}
	in := newIntake()
	for read := maxBody; read <= maxRefresh; read += maxBody {
		if _, err := in.read(t.Context(), strings.NewReader(page(maxBody))); err != nil {
			t.Fatalf("after %d MiB: %v", read>>20, err)
		}
	}
	if _, err := in.read(t.Context(), strings.NewReader(page(1000))); !errors.Is(err, errLargeRefresh) {
		t.Errorf("got %v", err)
	}
}

// TestIntakeInTurn checks that of bodies that are not small one is read at a time, and that the
// others wait no longer than their context.
func TestIntakeInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newIntake()
		hanging, stop := io.Pipe()
		var all sync.WaitGroup
		all.Go(func() {
			_, err := in.read(t.Context(), io.MultiReader(strings.NewReader(page(2*smallBody)), hanging))
			if _, broken := errors.AsType[*brokenError](err); !broken {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		all.Go(func() {
			if _, err := in.read(ctx, strings.NewReader(page(2*smallBody))); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		if _, err := in.read(t.Context(), strings.NewReader(page(1000))); err != nil {
			t.Errorf("a small one: %v", err)
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		_ = stop.CloseWithError(io.ErrUnexpectedEOF)
		all.Wait()
	})
}
