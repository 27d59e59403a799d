package wire

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Odd is a member of a JSON document that has another form than it should have.
type Odd struct {
	// Path is where the member is, such as /response/services/3/isSsl.
	Path jsontext.Pointer
	// Value is what is there, shortened.
	Value string
	// Siblings are the texts in the object that the member belongs to, by their names.
	Siblings map[string]string
}

// String says in words which member of which object is what.
func (o Odd) String() string { return o.Member() + " is " + o.Value }

// Member says in words which member of which object it is.
func (o Odd) Member() string { return OneLine(o.member()) }

func (o Odd) member() string {
	member := o.Path.LastToken()
	if _, err := strconv.Atoi(member); err == nil {
		member = o.Path.Parent().LastToken() + "[" + member + "]"
	}
	if name := o.name(); name != "" {
		return member + " of " + name
	}
	return member
}

// name returns what the object calls itself.
func (o Odd) name() string {
	for _, key := range []string{"name", "displayName", "serviceName", "processName", "deploymentName", "tableName", "trailName"} {
		if name := o.Siblings[key]; name != "" {
			return name
		}
	}
	return ""
}

// maxOddMembers is how many members of a document may be odd. One with more is not what the API
// returns, and to keep them all would take many times its memory.
const maxOddMembers = 10_000

var errTooOdd = fmt.Errorf("more than %d unexpected values", maxOddMembers)

// Unmarshal decodes a document as json.Unmarshal does with Lenient, except that a member of
// another form than its type costs that member alone: it keeps its zero value and is returned
// as odd. The error is for what is not JSON, and for too many odd members.
func Unmarshal(document []byte, to any) ([]Odd, error) {
	err := json.Unmarshal(document, to, Lenient)
	if _, is := errors.AsType[*json.SemanticError](err); !is {
		return nil, err
	}
	reflect.ValueOf(to).Elem().SetZero()
	var odd []Odd
	err = json.Unmarshal(document, to, Lenient, json.WithUnmarshalers(json.UnmarshalFromFunc(func(in *jsontext.Decoder, to any) error {
		value := reflect.ValueOf(to).Elem()
		if hasMembers(value.Type(), in.PeekKind()) {
			return errors.ErrUnsupported
		}
		raw, err := in.ReadValue()
		if err == nil && json.Unmarshal(raw, to, Lenient) != nil {
			if len(odd) == maxOddMembers {
				return errTooOdd
			}
			value.SetZero()
			odd = append(odd, Odd{Path: in.StackPointer(), Value: OneLine(string(raw[:min(len(raw), maxText)]))})
		}
		return err
	})))
	noteSiblings(document, odd)
	return odd, err
}

// hasMembers reports whether a value of the type is decoded member by member out of a JSON
// value of that kind.
func hasMembers(t reflect.Type, kind jsontext.Kind) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.UnmarshalerFrom]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Struct, reflect.Map:
		return kind == jsontext.KindBeginObject || kind == jsontext.KindNull
	case reflect.Slice:
		return kind == jsontext.KindBeginArray || kind == jsontext.KindNull
	default:
		return false
	}
}

// noteSiblings fills in the Siblings of all odd members in one pass over the document: every
// member of it may be odd.
func noteSiblings(document []byte, odd []Odd) {
	places := make(map[jsontext.Pointer]int, len(odd))
	for i := range odd {
		places[odd[i].Path] = i
	}
	if len(places) == 0 {
		return
	}
	in := jsontext.NewDecoder(bytes.NewReader(document), Lenient)
	// The texts of the objects that the decoder is in. Those in a list belong to no object; its
	// entries lie in the one around it.
	texts, name := []map[string]string{{}}, ""
	for {
		within, read := in.StackIndex(in.StackDepth())
		token, err := in.ReadToken()
		if err != nil {
			return
		}
		innermost := texts[len(texts)-1]
		switch kind := token.Kind(); {
		case kind == jsontext.KindEndObject || kind == jsontext.KindEndArray:
			texts = texts[:len(texts)-1]
			continue
		case within == jsontext.KindBeginObject && read%2 == 0:
			name = token.String()
			continue
		case kind == jsontext.KindBeginObject:
			texts = append(texts, map[string]string{})
		case kind == jsontext.KindBeginArray:
			texts = append(texts, innermost)
		case kind == jsontext.KindString && within == jsontext.KindBeginObject:
			innermost[name] = OneLine(token.String())
		}
		if i, is := places[in.StackPointer()]; is {
			odd[i].Siblings = innermost
		}
	}
}

// textsOf returns the texts in an object.
func textsOf(object jsontext.Value) map[string]string {
	var members map[string]jsontext.Value
	if json.Unmarshal(object, &members, Lenient) != nil {
		return nil
	}
	texts := map[string]string{}
	for name, member := range members {
		var text string
		if json.Unmarshal(member, &text, Lenient) == nil {
			texts[name] = OneLine(text)
		}
	}
	return texts
}

// OddError says which members of an answer had another form than they should have. The others
// were read.
type OddError struct {
	// URL is what was asked.
	URL string
	// Odd are the members, at least one.
	Odd []Odd
}

// maxOdd is how many members the text of an OddError names.
const maxOdd = 3

func (e *OddError) Error() string {
	texts := make([]string, 0, maxOdd+1)
	for _, o := range e.Odd[:min(len(e.Odd), maxOdd)] {
		texts = append(texts, o.String())
	}
	if more := len(e.Odd) - maxOdd; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("GET %s: an unexpected value: %s", e.URL, strings.Join(texts, ", "))
}
