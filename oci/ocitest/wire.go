package ocitest

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

type object map[string]any

// put sets a member, unless the value is absent: an empty string, the zero time, or nil.
func (o object) put(name string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case time.Time:
		if v.IsZero() {
			return
		}
		value = timestamp(v)
	case *bool:
		if v == nil {
			return
		}
	}
	o[name] = value
}

// timestamp formats a time as OCI does: RFC 3339 in UTC, with milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ocid returns an OCID that is the same in every run.
func ocid(kind string, names ...string) string {
	h := sha256.New()
	for _, name := range names {
		h.Write([]byte(name + "\x00"))
	}
	return "ocid1." + kind + ".oc1.eu-frankfurt-1." + hex.EncodeToString(h.Sum(nil))[:32]
}
