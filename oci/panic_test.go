package oci_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestPanic lets every answer of a refresh cause a panic: that is the failure of each part,
// what was known of the deployments is kept, and the next refresh is whole.
func TestPanic(t *testing.T) {
	t.Parallel()
	_, c := start(t, two())
	var calls, brokenFrom atomic.Int64
	brokenFrom.Store(1 << 32)
	panics := wire.NewPanics(slog.New(slog.DiscardHandler))
	client, err := oci.NewClient(c, oci.Options{
		UserAgent: userAgent, Dial: bubble.Dialer(t), Panics: panics,
		Now: func() time.Time { // asked for at the beginning, and of each answer
			if calls.Add(1) > brokenFrom.Load() {
				panic("a bug")
			}
			return time.Now()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	whole := func() {
		t.Helper()
		if inv := client.Refresh(context.Background()); inv.Err != nil || !slices.Equal(labels(inv), []string{"a", "b"}) {
			t.Errorf("%v, %v", inv.Err, labels(inv))
		}
	}
	whole()
	brokenFrom.Store(calls.Load() + 1)
	inv := client.Refresh(context.Background())
	if _, is := errors.AsType[*wire.PanicError](inv.Err); !is || !slices.Equal(labels(inv), []string{"a", "b"}) {
		t.Errorf("%v, %v", inv.Err, labels(inv))
	}
	for _, r := range inv.Reads {
		if _, is := errors.AsType[*wire.PanicError](r.Err); !is && r.Part != oci.PartDetails {
			t.Errorf("%s: %v", r.Part, r.Err)
		}
	}
	if n := panics.Count(); n < 4 {
		t.Errorf("%d panics", n)
	}
	brokenFrom.Store(1 << 32)
	whole()
}
