package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/alecthomas/units"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// exact is the value of a flag that takes only texts of one form. kingpin takes others, too, and reads
// them as what they do not seem to be: 1.5 as 1, 010 as 10, 64MB as 64MiB.
type exact struct {
	kingpin.Getter
	form *regexp.Regexp // nil for any text but none
	want string         // what has that form
}

// Set implements kingpin.Value.
func (e exact) Set(text string) error {
	err := e.Getter.Set(text)
	switch {
	case text == "":
		return errors.New("must not be empty")
	case e.form == nil:
		return err
	case err != nil || !e.form.MatchString(text):
		return fmt.Errorf("must be %s, not %q", e.want, text)
	default:
		return nil
	}
}

// exactly makes the values of all flags exact, whatever they hold. A text may be empty only if it is so
// by default.
func exactly(app *kingpin.Application) {
	for _, flag := range app.Model().Flags {
		value, is := flag.Value.(kingpin.Getter)
		if !is {
			continue
		}
		e := exact{Getter: value}
		switch value.Get().(type) {
		case int:
			e.form, e.want = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`), "a whole number from 0 to 999999999"
		case time.Duration:
			e.form, e.want = regexp.MustCompile(`^[^+-]`), "a duration without a sign, such as 500ms or 1h30m, of at most 292 years"
		case units.Base2Bytes:
			e.form, e.want = regexp.MustCompile(`^[0-9]{1,6}(\.[0-9]+)?[KMGT]iB$`), "a size such as 64MiB"
		case string:
			if len(flag.Default) > 0 {
				continue
			}
		default:
			continue
		}
		app.GetFlag(flag.Name).SetValue(e)
	}
}

// named returns the error of kingpin with the flag that it is about, which kingpin does not say: an error for each
// flag whose value is wrong, or else for an argument too many.
func named(err error, given *kingpin.ParseContext) error {
	if given == nil {
		return err
	}
	var errs []error
	var last *kingpin.ParseElement
	times := map[string]int{}
	for _, e := range given.Elements {
		flag, is := e.Clause.(*kingpin.FlagClause)
		if !is || e.Value == nil {
			continue
		}
		m := flag.Model()
		wrong := m.Value.Set(*e.Value)
		if times[m.Name]++; times[m.Name] == 2 && !isRepeatable(m.Value) {
			wrong = errors.New("must not be given twice")
		}
		if wrong != nil {
			errs = append(errs, fmt.Errorf("--%s: %s", m.Name, wire.Line(wrong.Error())))
		}
		last = e
	}
	if next := given.Peek(); errs == nil && next.Type == kingpin.TokenArg {
		return unexpected(next.Value, last)
	}
	return cmp.Or(errors.Join(errs...), err)
}

// isRepeatable reports whether a flag may be given more than once.
func isRepeatable(value kingpin.Value) bool {
	v, is := value.(interface{ IsCumulative() bool })
	return is && v.IsCumulative()
}

// unexpected returns an error for an argument that follows a flag, or none.
func unexpected(argument string, last *kingpin.ParseElement) error {
	if last == nil {
		return fmt.Errorf("unexpected argument %q", argument)
	}
	flag := last.Clause.(*kingpin.FlagClause).Model()
	if !flag.IsBoolFlag() {
		return fmt.Errorf("unexpected argument %q after --%s", argument, flag.Name)
	}
	no := ""
	if *last.Value == "false" {
		no = "no-"
	}
	return fmt.Errorf("--%s%s: takes no value, not %q", no, flag.Name, argument)
}
