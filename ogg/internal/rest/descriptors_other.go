//go:build !unix

package rest

import "math"

// Descriptors returns how many file descriptors the process may have open: here there is no limit.
func Descriptors() int { return math.MaxInt32 }
