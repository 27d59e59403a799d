package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// Number and Timestamp are those of package wire.
type (
	Number    = wire.Number
	Timestamp = wire.Timestamp
)

// NumberOf returns a known Number.
var NumberOf = wire.NumberOf
