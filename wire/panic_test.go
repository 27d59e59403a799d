package wire_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestCatch: a panic becomes an error, also out of a group in a group, and is logged once with
// the stack of where it happened.
func TestCatch(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	panics := wire.NewPanics(slog.New(slog.NewTextHandler(&log, nil)))
	ran := false
	err := panics.Catch("the list", func() error {
		var outer wire.Group
		outer.Go(func() {
			var inner wire.Group
			inner.Go(breakDown)
			inner.Wait()
		})
		outer.Go(func() { ran = true })
		outer.Wait()
		return nil
	})
	caught, is := errors.AsType[*wire.PanicError](err)
	if !is || caught.Error() != "the list panicked: a bug" {
		t.Errorf("got %v", err)
	}
	if !ran {
		t.Error("the other function did not run")
	}
	if n := panics.Count(); n != 1 {
		t.Errorf("counted %d", n)
	}
	if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "breakDown") {
		t.Errorf("want one line with the stack:\n%s", &log)
	}
}

func breakDown() { panic("a bug") }

// TestCatchNothing: what does not panic keeps its error, and a nil Panics catches too.
func TestCatchNothing(t *testing.T) {
	t.Parallel()
	var none *wire.Panics
	mine := errors.New("mine")
	if err := none.Catch("x", func() error { return mine }); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	if err := none.Catch("x", func() error { panic("boom") }); err == nil || err.Error() != "x panicked: boom" {
		t.Errorf("got %v", err)
	}
}
