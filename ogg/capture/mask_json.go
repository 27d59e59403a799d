package capture

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// rewrite returns a JSON document with each string value replaced by the result of value. It
// keeps the order of members and the form of numbers. value gets the name of the string's
// member, and of the member that contains that one.
func rewrite(document []byte, value func(parent, field, text string) string) []byte {
	r := &rewriter{decoder: json.NewDecoder(bytes.NewReader(document)), replace: value}
	r.decoder.UseNumber()
	r.value("", "")
	return r.out.Bytes()
}

// rewriter reads a valid document and writes it again.
type rewriter struct {
	decoder *json.Decoder
	out     bytes.Buffer
	replace func(parent, field, text string) string
}

func (r *rewriter) value(parent, field string) {
	token, _ := r.decoder.Token() // the document is valid
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			r.object(field)
		} else {
			r.array(parent, field)
		}
	case string:
		r.text(r.replace(parent, field, t))
	case json.Number:
		r.out.WriteString(t.String())
	case bool:
		fmt.Fprint(&r.out, t)
	default:
		r.out.WriteString("null")
	}
}

func (r *rewriter) object(name string) {
	r.out.WriteByte('{')
	for first := true; r.decoder.More(); first = false {
		if !first {
			r.out.WriteByte(',')
		}
		token, _ := r.decoder.Token()
		field, _ := token.(string)
		r.text(field)
		r.out.WriteByte(':')
		r.value(name, field)
	}
	_, _ = r.decoder.Token()
	r.out.WriteByte('}')
}

func (r *rewriter) array(parent, field string) {
	r.out.WriteByte('[')
	for first := true; r.decoder.More(); first = false {
		if !first {
			r.out.WriteByte(',')
		}
		r.value(parent, field)
	}
	_, _ = r.decoder.Token()
	r.out.WriteByte(']')
}

// text writes a string.
func (r *rewriter) text(s string) {
	e := json.NewEncoder(&r.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)                 // a string always encodes
	r.out.Truncate(r.out.Len() - 1) // Encode ends with a newline
}
