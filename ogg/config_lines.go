package ogg

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// configLines are the parameters of a process, which may contain passwords: nothing is kept of them
// but a hash.
type configLines struct {
	// hash has 8 hexadecimal digits; empty without parameters. White space around a line, and empty
	// lines, do not change it.
	hash string
	// isLoad is whether a parameter says that this is an initial load.
	isLoad bool
	// isOdd is whether there is something else than texts, which is left out.
	isOdd bool
}

// UnmarshalJSONFrom reads a list of strings. It never fails, because its error would show what there
// is in their place.
func (c *configLines) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*c = configLines{}
	sum, lines := sha256.New(), 0
	isOdd, err := readTexts(in, func(text string) {
		if line := strings.TrimSpace(text); line != "" {
			lines++
			_, _ = sum.Write([]byte(line + "\n"))
			c.isLoad = c.isLoad || isLoad(line)
		}
	})
	c.isOdd = isOdd
	if lines > 0 {
		c.hash = hex.EncodeToString(sum.Sum(nil))[:8]
	}
	return err
}

// isLoad reports whether a line is a parameter that only an initial load has.
func isLoad(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return slices.Contains([]string{"SOURCEISTABLE", "SPECIALRUN"}, strings.ToUpper(word))
}
