package ogg

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// managedSettings say whether the Administration Service starts a process when it starts itself, and
// whether it starts it again when it has ended; nil if not reported. A process has them itself, or
// names a profile that has them.
type managedSettings struct {
	profile        string
	start, restart *bool
	odd            []wire.Odd
}

// managedObject is an ogg:managedProcessSettings.
type managedObject struct {
	Schema      string   `json:"$schema"`
	AutoStart   *enabled `json:"autoStart"`
	AutoRestart *enabled `json:"autoRestart"`
}

// enabled says whether something is.
type enabled struct{ Enabled *bool }

// fact returns what it says; nil without it.
func (e *enabled) fact() *bool {
	if e == nil {
		return nil
	}
	return e.Enabled
}

// settings returns what the object says.
func (o managedObject) settings() managedSettings {
	return managedSettings{start: o.AutoStart.fact(), restart: o.AutoRestart.fact()}
}

// managedType is the type of the profiles, with which their names begin.
const managedType = "ogg:managedProcessSettings"

// UnmarshalJSONFrom reads the name of a profile, with or without its type, the settings themselves,
// or null.
func (m *managedSettings) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*m = managedSettings{}
	switch in.PeekKind() {
	case jsontext.KindString:
		token, err := in.ReadToken()
		if name := token.String(); err == nil && name != "" && len(name) <= wire.MaxText {
			m.profile = managedType + ":" + strings.TrimPrefix(name, managedType+":")
		}
		return err
	case jsontext.KindBeginObject:
		raw, err := in.ReadValue()
		if err != nil {
			return err
		}
		var object managedObject
		odd, err := wire.Unmarshal(raw, &object)
		if err == nil && object == (managedObject{}) && len(odd) == 0 {
			return wire.ErrType
		}
		*m = object.settings()
		m.odd = odd
		return err
	case jsontext.KindNull:
		return in.SkipValue()
	default:
		return skipOdd(in)
	}
}

// readProfile reads GET /config/types/ogg:managedProcessSettings/values/{profile} (19c and later;
// role User). The route is documented, and of the answer how it is created. A profile that is not
// there is no failure.
func readProfile(ctx context.Context, admin *rest.Endpoint, name string, before managedSettings) (managedSettings, error) {
	object, err := rest.GetWhole[managedObject](ctx, admin, "/config/types/"+managedType+"/values/"+rest.Segment(name))
	switch {
	case rest.IsNotFound(err):
		return managedSettings{}, nil
	case err != nil && !rest.IsOdd(err):
		return before, err
	}
	return object.settings(), err
}

// skipOdd skips a value of the wrong type.
func skipOdd(in *jsontext.Decoder) error {
	if err := in.SkipValue(); err != nil {
		return err
	}
	return wire.ErrType
}
