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
// as odd. So does a string of more than MaxText, which would become a label. The error is for what
// is not JSON, for too many odd members, and a *BoundError for what is out of all proportion.
func Unmarshal(document []byte, to any) ([]Odd, error) {
	return UnmarshalWithin(document, to, MaxEntries, nil)
}

// UnmarshalWithin is Unmarshal for a document whose lists may have that many entries. Before it is
// decoded, admit is asked, unless it is nil: it gets the size of the document and the entries of all
// lists that are in no other list, and its error is returned.
func UnmarshalWithin(document []byte, to any, entries int, admit func(size, entries int) error) ([]Odd, error) {
	s := measure(document)
	if err := s.check(entries); err != nil {
		return nil, err
	}
	if admit != nil {
		if err := admit(s.size, s.outer); err != nil {
			return nil, err
		}
	}
	if s.text <= MaxText {
		err := json.Unmarshal(document, to, Lenient)
		if _, is := errors.AsType[*json.SemanticError](err); !is {
			return nil, err
		}
	}
	reflect.ValueOf(to).Elem().SetZero()
	var odd []Odd
	err := json.Unmarshal(document, to, Lenient, json.WithUnmarshalers(json.UnmarshalFromFunc(func(in *jsontext.Decoder, to any) error {
		value := reflect.ValueOf(to).Elem()
		if hasMembers(value.Type(), in.PeekKind()) {
			return errors.ErrUnsupported
		}
		raw, err := in.ReadValue()
		if err != nil {
			return err
		}
		what := take(raw, to)
		if what == "" {
			return nil
		}
		if len(odd) == maxOddMembers {
			return errTooOdd
		}
		value.SetZero()
		odd = append(odd, Odd{Path: in.StackPointer(), Value: what})
		return nil
	})))
	noteSiblings(document, odd)
	return odd, err
}

// take decodes a member. If that is not possible, it returns what the member is.
func take(raw jsontext.Value, to any) string {
	text, isText := to.(*string)
	if isText && len(raw) > longestText {
		return TooLong(len(raw) - len(`""`)).Error()
	}
	err := json.Unmarshal(raw, to, Lenient)
	switch bound, exceeds := errors.AsType[*BoundError](err); {
	case exceeds:
		return bound.Error()
	case err != nil:
		return OneLine(string(raw[:min(len(raw), maxText)]))
	case isText && len(*text) > MaxText:
		return TooLong(len(*text)).Error()
	default:
		return ""
	}
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

// noteSiblings fills in the Siblings of all odd members in one pass over the document, in which it
// enters only what they are in: every member may be odd.
func noteSiblings(document []byte, odd []Odd) {
	if len(odd) == 0 {
		return
	}
	s := &siblings{
		in:     jsontext.NewDecoder(bytes.NewBuffer(document), Lenient),
		places: make(map[jsontext.Pointer]int, len(odd)), around: map[jsontext.Pointer]bool{},
	}
	for i := range odd {
		s.places[odd[i].Path] = i
		for path := odd[i].Path; path != "" && !s.around[path.Parent()]; path = path.Parent() {
			s.around[path.Parent()] = true
		}
	}
	_ = s.note("", map[string]string{}, odd) // what is read so far counts
}

// siblings is a pass over a document that collects the texts beside odd members.
type siblings struct {
	in     *jsontext.Decoder
	places map[jsontext.Pointer]int  // of the odd members
	around map[jsontext.Pointer]bool // what they are in
}

// note reads the value at the path, beside which there are these texts. Those of a list belong to
// no object; its entries lie in the one around it.
func (s *siblings) note(path jsontext.Pointer, beside map[string]string, odd []Odd) error {
	if i, is := s.places[path]; is {
		odd[i].Siblings = beside
	}
	kind := s.in.PeekKind()
	if !s.around[path] || kind != jsontext.KindBeginObject && kind != jsontext.KindBeginArray {
		return s.in.SkipValue()
	}
	if _, err := s.in.ReadToken(); err != nil {
		return err
	}
	inside := beside
	if kind == jsontext.KindBeginObject {
		inside = map[string]string{}
	}
	for i := 0; s.in.PeekKind() != jsontext.KindEndObject && s.in.PeekKind() != jsontext.KindEndArray; i++ {
		name := strconv.Itoa(i)
		if kind == jsontext.KindBeginObject {
			token, err := s.in.ReadToken()
			if err != nil {
				return err
			}
			name = token.String()
		}
		if err := s.noteMember(path.AppendToken(name), name, inside, kind, odd); err != nil {
			return err
		}
	}
	_, err := s.in.ReadToken()
	return err
}

// noteMember is note for a member or an entry, which adds its text to those of its object.
func (s *siblings) noteMember(path jsontext.Pointer, name string, beside map[string]string, within jsontext.Kind, odd []Odd) error {
	if within != jsontext.KindBeginObject || s.in.PeekKind() != jsontext.KindString {
		return s.note(path, beside, odd)
	}
	if i, is := s.places[path]; is {
		odd[i].Siblings = beside
	}
	raw, err := s.in.ReadValue()
	if err == nil && len(raw) <= MaxText+len(`""`) {
		text, _ := jsontext.AppendUnquote(nil, raw) // invalid UTF-8 is replaced
		beside[name] = OneLine(string(text))
	}
	return err
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
