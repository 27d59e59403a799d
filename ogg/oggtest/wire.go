package oggtest

import (
	"bytes"
	"cmp"
	"crypto/sha1" //nolint:gosec // names to identifiers, not a secret
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// member is the name and value of a member of a JSON object. Values are nil, bool, string, int,
// float64, number, time.Time, object, list or json.RawMessage.
type member struct {
	name  string
	value any
}

// object is a JSON object with members in order.
type object []member

type list []any

// number is an integer that is printed in the style of the release.
type number int64

// when returns the members if the condition holds.
func when(condition bool, members ...member) object {
	if condition {
		return members
	}
	return nil
}

// join merges objects.
func join(objects ...object) object { return slices.Concat(objects...) }

// encoder prints values as a release does.
type encoder struct {
	out     bytes.Buffer
	numbers NumberStyle
	times   TimestampStyle
	sorted  bool // sorts members alphabetically
	unknown bool // adds an undocumented member to every object
}

func (e *encoder) encode(v any) {
	switch v := v.(type) {
	case nil:
		e.out.WriteString("null")
	case bool:
		e.out.WriteString(strconv.FormatBool(v))
	case int:
		e.out.WriteString(strconv.Itoa(v))
	case float64:
		e.out.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
	case number:
		e.number(int64(v))
	case string:
		e.text(v)
	case time.Time:
		e.text(e.times.format(v))
	case json.RawMessage:
		e.out.Write(v)
	case list:
		e.list(v)
	case object:
		e.object(v)
	default:
		panic(fmt.Sprintf("oggtest: no JSON form for %T", v))
	}
}

func (e *encoder) text(s string) {
	enc := json.NewEncoder(&e.out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)               // a string always encodes
	e.out.Truncate(e.out.Len() - 1) // Encode ends with a newline
}

func (e *encoder) number(n int64) {
	switch {
	case e.numbers == NumbersExponent, e.numbers == NumbersQuoted && n > math.MaxUint32:
		e.out.WriteString(exponent(n))
	case e.numbers == NumbersQuoted:
		e.out.WriteString(strconv.Quote(strconv.FormatInt(n, 10)))
	default:
		e.out.WriteString(strconv.FormatInt(n, 10))
	}
}

// exponent formats a number as in some documented bodies: 1.40292288149248E14.
func exponent(n int64) string {
	mantissa, power, _ := strings.Cut(strconv.FormatFloat(float64(n), 'E', -1, 64), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	p, _ := strconv.Atoi(power)
	return mantissa + "E" + strconv.Itoa(p)
}

func (e *encoder) list(l list) {
	e.out.WriteByte('[')
	for i, v := range l {
		if i > 0 {
			e.out.WriteByte(',')
		}
		e.encode(v)
	}
	e.out.WriteByte(']')
}

func (e *encoder) object(o object) {
	if e.unknown {
		o = append(slices.Clone(o), member{"unknownToTheClient", json.RawMessage(`{"since":"tomorrow"}`)})
	}
	if e.sorted {
		o = slices.Clone(o)
		slices.SortFunc(o, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	}
	e.out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			e.out.WriteByte(',')
		}
		e.text(m.name)
		e.out.WriteByte(':')
		e.encode(m.value)
	}
	e.out.WriteByte('}')
}

// timestamp formats a start time: RFC 3339 in UTC with milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// identifier returns a UUID that is the same in every run.
func identifier(names ...string) string {
	h := sha1.Sum([]byte(strings.Join(names, "\x00"))) //nolint:gosec // see the import
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// message is a message of the envelope, or the reason for an error.
type message struct {
	code, severity, title string
}

func (p *profile) message(m message, now time.Time) object {
	kind := p.messageType
	if strings.HasSuffix(kind, "#") {
		kind += m.code
	}
	if m.severity == "ERROR" {
		kind = cmp.Or(p.errorType, kind)
	}
	return object{
		{"$schema", "ogg:message"},
		{"title", m.title},
		{"code", m.code},
		{"severity", m.severity},
		{"issued", now.UTC().Format(time.RFC3339)},
		{"type", kind},
	}
}

func link(rel, href, mediaType string) object {
	return object{{"rel", rel}, {"href", href}, {"mediaType", mediaType}}
}
