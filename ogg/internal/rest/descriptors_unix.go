//go:build unix

package rest

import (
	"math"
	"syscall"
)

// Descriptors returns how many file descriptors the process may have open. Go has raised the limit
// as far as it may.
func Descriptors() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return math.MaxInt32
	}
	return int(min(uint64(limit.Cur), math.MaxInt32)) //nolint:unconvert // it is signed on some systems
}
