package ogg

import (
	"errors"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// withoutValues returns an error that does not show what was odd in an answer, only where that is:
// it may be a text that somebody has written.
func withoutValues(err error) error {
	odd, is := errors.AsType[*wire.OddError](err)
	if !is {
		return err
	}
	hidden := slices.Clone(odd.Odd)
	for i := range hidden {
		hidden[i].Value, hidden[i].Siblings = "something else", nil
	}
	return &wire.OddError{URL: odd.URL, Odd: hidden}
}
