package ogg

import (
	"context"
	"reflect"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
)

// Waiting returns the number of scrapes that wait for polls of the client.
func Waiting(c *Client) int {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	n := 0
	for _, f := range c.flights.all {
		n += f.waiting
	}
	return n
}

// AddOverdue gives the client a poll that is out of time but does not end.
func AddOverdue(c *Client) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(context.DeadlineExceeded)
	c.flights.all = append(c.flights.all, &flight{ctx: ctx, cancel: cancel, begun: true, done: make(chan struct{})})
}

// Polls returns how many polls of the client are in progress, and how many wait for a place.
func Polls(c *Client) (begun, queued int) {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	for _, f := range c.flights.all {
		if f.begun {
			begun++
		} else {
			queued++
		}
	}
	return begun, queued
}

// Remembered returns how many entries all maps and lists have that the client keeps between polls,
// except for its configuration and connections, and the latest result.
func Remembered(c *Client) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return entries(reflect.ValueOf(c), map[any]bool{
		reflect.TypeFor[config.ServiceManager](): true, reflect.TypeFor[Options](): true,
		reflect.TypeFor[rest.Pool](): true, reflect.TypeFor[rest.Settings](): true, reflect.TypeFor[rest.Bodies](): true,
	})
}

// entries counts the entries below a value, except in what was met and in functions and channels.
func entries(v reflect.Value, met map[any]bool) int {
	n := 0
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || met[v.Pointer()] {
			return 0
		}
		met[v.Pointer()] = true
		return entries(v.Elem(), met)
	case reflect.Interface:
		return entries(v.Elem(), met)
	case reflect.Struct:
		if pkg := v.Type().PkgPath(); met[v.Type()] || pkg == "net/http" || pkg == "log/slog" || pkg == "time" {
			return 0
		}
		for _, field := range v.Fields() {
			n += entries(field, met)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			n += 1 + entries(v.MapIndex(key), met)
		}
	case reflect.Slice:
		n = v.Len()
		if elem := v.Type().Elem().Kind(); elem != reflect.Uint8 {
			for i := range v.Len() {
				n += entries(v.Index(i), met)
			}
		}
	}
	return n
}

// Judge compares an installation with the rules of a Service Manager.
func Judge(inst *Installation, sm config.ServiceManager) { judge(inst, &sm, rulesOf(sm)) }

// PositionIn returns a position in the trail of that directory and name.
func PositionIn(dir, name string) TrailPosition { return TrailPosition{location: locate(dir, name)} }

// ParsePathEnd returns what the URI of a path says.
func ParsePathEnd(uri string) PathEnd { return parsePathEnd(uri) }
