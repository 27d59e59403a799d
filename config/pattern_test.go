package config

import (
	"reflect"
	"testing"
)

// TestPatterns: every pattern of a Service Manager is listed under its key in the file.
func TestPatterns(t *testing.T) {
	var sm ServiceManager
	fields, listed := reflect.ValueOf(&sm).Elem(), sm.Patterns()
	found := 0
	for i := range fields.NumField() {
		field, is := reflect.TypeAssert[*Pattern](fields.Field(i).Addr())
		if !is {
			continue
		}
		found++
		if key := fields.Type().Field(i).Tag.Get("yaml"); listed[key] != field {
			t.Errorf("%s is not listed", key)
		}
	}
	if found == 0 || found != len(listed) {
		t.Errorf("%d patterns are listed, want %d", len(listed), found)
	}
}
