// Package files reads the files that a user names: configuration, secrets, keys and certificates.
// Whatever a name leads to, reading it neither waits nor fills the memory. It does not know what
// the files are for.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Limit is the maximum size of a file, in bytes.
const Limit = 16 << 20

// What cannot be read. The error of Read wraps one of them, and says more.
var (
	ErrNotRegular = errors.New("not a regular file")
	ErrTooLarge   = fmt.Errorf("larger than %d MiB", Limit>>20)
)

// Read returns the content of a regular file, or of one that a symbolic link leads to. Its error is
// an *fs.PathError, also for anything else: a pipe, whose writer might never come, or a device
// without an end.
func Read(name string) ([]byte, error) {
	// Checked first, because opening some devices has an effect, and once more when it is open.
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := check(name, info); err != nil {
		return nil, err
	}
	// Without a wait for the writer of a pipe that took the file's place.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the user says which file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err := check(name, info); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, Limit+1)) // the size is no promise
	if err == nil && len(content) > Limit {
		err = &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	}
	if err != nil {
		return nil, err
	}
	return content, nil
}

// Check returns the error with which Read would refuse a file, without reading it.
func Check(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	return check(name, info)
}

// IsUnusable reports whether an error of Read or Check is about what the file is, and not about
// whether it is there and may be read.
func IsUnusable(err error) bool { return errors.Is(err, ErrNotRegular) || errors.Is(err, ErrTooLarge) }

// check returns an error for anything that is not a regular file of at most Limit.
func check(name string, info fs.FileInfo) error {
	what := ErrNotRegular
	switch mode := info.Mode(); {
	case mode.IsRegular() && info.Size() <= Limit:
		return nil
	case mode.IsRegular():
		what = ErrTooLarge
	case mode.IsDir():
		what = fmt.Errorf("%w, but a directory", ErrNotRegular)
	case mode&fs.ModeNamedPipe != 0:
		what = fmt.Errorf("%w, but a pipe: <(...) and a piped /dev/stdin cannot be read again", ErrNotRegular)
	case mode&fs.ModeSocket != 0:
		what = fmt.Errorf("%w, but a socket", ErrNotRegular)
	case mode&fs.ModeDevice != 0:
		what = fmt.Errorf("%w, but a device", ErrNotRegular)
	}
	return &fs.PathError{Op: "read", Path: name, Err: what}
}
