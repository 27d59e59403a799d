package oci

import "strings"

// named is a resource with a display name, which need not be unique, and an OCID, which is.
type named struct{ id, displayName string }

// labelsOf returns a label for each resource: its display name, with a suffix from the end of the
// OCID if several share it.
func labelsOf(all []named) []string {
	labels := make([]string, len(all))
	for i, n := range all {
		if labels[i] = n.displayName; n.displayName == "" {
			labels[i] = "unnamed"
		}
	}
	// If six characters still leave duplicates, such as with another display name, take all of them.
	for _, most := range []int{6, 1 << 10} {
		count := map[string]int{}
		for _, label := range labels {
			count[label]++
		}
		for i, label := range labels {
			if count[label] > 1 {
				labels[i] += "-" + end(all[i].id, most)
			}
		}
	}
	return labels
}

// end returns the last characters of the unique part of an OCID.
func end(id string, most int) string {
	id = id[strings.LastIndexByte(id, '.')+1:]
	return id[max(len(id)-most, 0):]
}
