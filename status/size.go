package status

import "fmt"

// Size returns a number of bytes with a unit, for people.
func Size(bytes float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	n := 0
	for bytes >= 1024 && n < len(units)-1 {
		bytes, n = bytes/1024, n+1
	}
	if n == 0 || bytes >= 100 {
		return fmt.Sprintf("%.0f %s", bytes, units[n])
	}
	return fmt.Sprintf("%.1f %s", bytes, units[n])
}
