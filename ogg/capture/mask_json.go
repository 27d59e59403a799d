package capture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// body masks the body of an answer: JSON member by member, anything else as text.
func (m *masker) body(body []byte) []byte {
	if !isDocument(body) {
		return []byte(m.text(string(body)))
	}
	d := &document{masker: m, decoder: json.NewDecoder(bytes.NewReader(body))}
	d.decoder.UseNumber()
	d.value("")
	return d.out.Bytes()
}

// isDocument reports whether a body is a JSON object or array.
func isDocument(body []byte) bool {
	trimmed := bytes.TrimSpace(body)
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(body)
}

// number masks a number of a member: it stays if it is a figure of GoldenGate's.
func (m *masker) number(member, number string) string {
	if m.known.figures[strings.ToLower(member)] {
		return number
	}
	return "0"
}

// withheld reports whether a member has the lines of a parameter file or a report, or the text of a
// message: of these, not even known words stay.
func withheld(member string) bool {
	switch strings.ToLower(member) {
	case "config", "lines", "text":
		return true
	default:
		return false
	}
}

// string masks the text of a member. Of a member that is not known, nothing stays.
func (m *masker) string(member, text string) string {
	switch {
	case withheld(member):
		return m.pseudonym(text)
	case strings.Contains(text, "-----BEGIN"):
		return m.text(text)
	case isDocument([]byte(text)):
		return string(m.body([]byte(text)))
	case !m.known.members[strings.ToLower(member)]:
		return m.pseudonym(text)
	case m.known.isFigure(member, text):
		return text
	case (member == "dbms" || member == "platform") && m.isProduct(text):
		return text
	default:
		return m.text(text)
	}
}

// isProduct reports whether a text names a database or an operating system.
func (m *masker) isProduct(text string) bool {
	return !slices.ContainsFunc(wordPattern.FindAllString(text, -1), func(word string) bool {
		word = strings.ToLower(word)
		return !m.known.products[word] && !m.known.words[word]
	})
}

// document masks a valid JSON document. It keeps the order of members and the form of numbers.
type document struct {
	masker  *masker
	decoder *json.Decoder
	out     bytes.Buffer
}

func (d *document) value(member string) {
	token, _ := d.decoder.Token() // the document is valid
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			d.object(member)
		} else {
			d.array(member)
		}
	case string:
		d.out.Write(quoted(d.masker.string(member, t)))
	case json.Number:
		d.out.WriteString(d.masker.number(member, t.String()))
	case bool:
		fmt.Fprint(&d.out, t)
	default:
		d.out.WriteString("null")
	}
}

func (d *document) object(parent string) {
	d.out.WriteByte('{')
	for first := true; d.decoder.More(); first = false {
		if !first {
			d.out.WriteByte(',')
		}
		token, _ := d.decoder.Token()
		member, _ := token.(string)
		if d.masker.known.hasMember(member) {
			d.out.Write(quoted(member))
		} else {
			d.out.Write(quoted(d.masker.pseudonym(member)))
		}
		d.out.WriteByte(':')
		d.value(inside(parent, member))
	}
	_, _ = d.decoder.Token()
	d.out.WriteByte('}')
}

// inside returns a name for a member of an object with that name: a value may be anything, except for
// the one in the schedule of a task, which is a figure.
func inside(parent, member string) string {
	if parent == "every" && member == "value" {
		return "scheduleValue"
	}
	return member
}

func (d *document) array(member string) {
	d.out.WriteByte('[')
	for first := true; d.decoder.More(); first = false {
		if !first {
			d.out.WriteByte(',')
		}
		d.value(member)
	}
	_, _ = d.decoder.Token()
	d.out.WriteByte(']')
}

// quoted returns a text as a JSON string.
func quoted(text string) json.RawMessage {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always encodes
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
