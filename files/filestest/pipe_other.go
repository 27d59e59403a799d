//go:build !unix

package filestest

import "errors"

// makePipe fails: there are no named pipes among the files.
func makePipe(string) error { return errors.ErrUnsupported }
