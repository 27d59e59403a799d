package status

import (
	"fmt"
	"math"
)

// Duration returns seconds as INFO ALL shows them, as HH:MM:SS; the hours may have more than two digits.
func Duration(seconds float64) string {
	s := int64(math.Round(min(max(0, seconds), 1e12))) // not a number is 0
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}
