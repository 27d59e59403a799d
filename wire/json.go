// Package wire reads what Oracle's REST APIs send, GoldenGate's and the cloud's alike:
// numbers, timestamps and lenient JSON. It also joins errors and remembers what was
// reported already and what is lacking. It knows no API and no resource, and imports
// nothing but the standard library and the JSON library.
package wire

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Lenient is how every body is decoded: names match in any case, of duplicate names the
// last counts, and invalid UTF-8 is accepted.
var Lenient = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
)

// ErrType says that a value has a type that the API does not document for it.
var ErrType = errors.New("another type of value")
