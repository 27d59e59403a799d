package wire

import (
	"reflect"
	"sync"
)

// Memory keeps one value of each type, so that whoever needs to remember something can
// declare it where it is used. The zero value is empty. It is safe for concurrent use; the
// values guard themselves.
type Memory struct {
	mu     sync.Mutex
	values map[reflect.Type]any
}

// Remembered returns the value of type T, which is its zero value at first.
func Remembered[T any](m *Memory) *T {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := reflect.TypeFor[T]()
	value, is := m.values[key].(*T)
	if !is {
		value = new(T)
		if m.values == nil {
			m.values = map[reflect.Type]any{}
		}
		m.values[key] = value
	}
	return value
}
