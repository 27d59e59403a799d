package main

import (
	"crypto/md5" //nolint:gosec // Prometheus shares targets with it
	"encoding/binary"
	"strings"
)

// hashmod returns the share that Prometheus's relabel action of that name puts a target in: the last
// 8 bytes of the MD5 sum of the source labels' values, with semicolons between them, as an integer,
// modulo the number of shares.
func hashmod(modulus uint64, values ...string) uint64 {
	sum := md5.Sum([]byte(strings.Join(values, ";"))) //nolint:gosec // no secret
	return binary.BigEndian.Uint64(sum[8:]) % modulus
}
