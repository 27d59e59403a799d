package main

import (
	"fmt"
	"io"
)

// output is where the exporter prints its answer. It takes whatever is written, and keeps what went wrong with
// the first of it: not everybody who prints looks, and kingpin panics.
type output struct {
	to     io.Writer
	failed error
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if o.failed == nil {
		_, o.failed = o.to.Write(p)
	}
	return len(p), nil
}

// err returns why not everything could be printed.
func (o *output) err() error {
	if o.failed == nil {
		return nil
	}
	return fmt.Errorf("printing failed: %w", o.failed)
}
