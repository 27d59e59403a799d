package wire

import (
	"fmt"
	"testing"
)

// TestFields checks that a field of another type costs itself, and that it is said which it was.
func TestFields(t *testing.T) {
	for body, want := range map[string]string{
		`{"id": "x", "cores": 2, "data": {"version": "23"}}`:                                          "x 2 23: <nil>",
		`{"id": "x", "name": "sales", "cores": "many", "data": null}`:                                 `x 0 : cores of sales is "many"`,
		`{"id": "x", "displayName": "a", "data": {"deploymentName": "A", "version": 23}, "cores": 1}`: "x 1 : version of A is 23",
		`{"id": "x", "data": "none", "cores": [1]}`:                                                   `x 0 : cores is [1]; data is "none"`,
		`{"id": null, "cores": 2}`:                                                                    " 2 : id is missing",
		`{"id": "", "name": "a"}`:                                                                     " 0 : id of a is missing",
		`{"id": {}, "name": "a"}`:                                                                     " 0 : id of a is {}",
		`[1]`:                                                                                         "not an object: [1]",
		`null`:                                                                                        "not an object: null",
		`{"id":`:                                                                                      `not an object: {"id":`,
	} {
		if got := describe([]byte(body)); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

// describe takes a document apart.
func describe(body []byte) string {
	f, err := FieldsOf(body)
	if err != nil {
		return err.Error()
	}
	var id, version string
	var cores Number
	Need(f, "id", &id)
	Take(f, "cores", &cores)
	inside := Within(f, "data")
	Take(inside, "version", &version)
	f.Fail(inside.Err())
	n, _ := cores.Value()
	return fmt.Sprintf("%s %v %s: %v", id, n, version, f.Err())
}
