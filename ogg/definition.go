package ogg

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Definition is what an Extract or Replicat is, beside what it does at the moment.
type Definition struct {
	Process string
	Type    ProcessType
	// Kind is initial_load, change_data, or unknown.
	Kind string
	// Mode is as in Monitored; empty if not reported, as for an Extract before 21c.
	Mode string
	// Critical (19c and later) is whether the process counts in the health of the deployment, and
	// AutoStart and AutoRestart whether the Administration Service starts it, too, and again when it
	// has ended; nil if not reported.
	Critical, AutoStart, AutoRestart *bool
	// ConfigHash identifies the parameters, and ConfigChanged is when they were first seen to be
	// others than before; empty and zero if that is not known.
	ConfigHash    string
	ConfigChanged wire.Timestamp
	// Source is the trail that a Replicat reads, and Targets are those that an Extract writes.
	Source  TrailReference
	Targets []TrailReference

	lastHash   string // that was reported
	profile    string // that has AutoStart and AutoRestart
	connection string // of the login to the database
}

// The kinds of processes.
const (
	initialLoad = "initial_load"
	changeData  = "change_data"
	unknownKind = "unknown"
)

// definitionsEvery is the time between two reads of what a process is.
const definitionsEvery = 15 * time.Minute

// definitionMemory keeps what the processes of a deployment are between the reads.
type definitionMemory struct {
	extracts, replicats slowFacts[*Definition]
	profiles            slowFacts[managedSettings]
}

// of returns what is known of the processes of a type.
func (m *definitionMemory) of(kind ProcessType) *slowFacts[*Definition] {
	if kind == Extract {
		return &m.extracts
	}
	return &m.replicats
}

// definitionTerms say how definitions are read.
func definitionTerms(admin *rest.Endpoint) slowTerms {
	return slowTerms{what: "definition", interval: definitionsEvery, service: admin}
}

// keepDefinitions forgets what the processes of a type were that are not listed any more.
func keepDefinitions(v *visit, kind ProcessType, listed []item) {
	names := make([]slowName, len(listed))
	for i, item := range listed {
		names[i].name = item.Name
	}
	wire.Remembered[definitionMemory](v.memory).of(kind).keep(names)
}

// definitionFrom returns what reads the definition of a process of a type.
func definitionFrom(v *visit, admin *rest.Endpoint, kind ProcessType) func(ctx context.Context, name string, before *Definition) (*Definition, error) {
	return func(ctx context.Context, name string, before *Definition) (*Definition, error) {
		route := processRoutes[kind] + "/" + rest.Segment(name)
		answer, err := rest.GetWhole[definitionAnswer](ctx, admin, route)
		if err != nil && !rest.IsOdd(err) {
			return before, err
		}
		return answer.definition(kind, name, before, v.options.Now()), wire.Join(err, answer.odd(admin.Base()+route))
	}
}

// definitionNow returns what a Replicat is, and reads it first if that is due, or not known.
func definitionNow(ctx context.Context, v *visit, admin *rest.Endpoint, replicats ...string) func(replicat string) (*Definition, error) {
	facts := &wire.Remembered[definitionMemory](v.memory).replicats
	names := make([]slowName, len(replicats))
	for i, replicat := range replicats {
		names[i] = slowName{replicat, v.stateOf("adminsrvr", wire.Timestamp{}, "")}
	}
	how := definitionTerms(admin)
	how.needed = true
	facts.read(ctx, v, how, names, definitionFrom(v, admin, Replicat))
	return func(replicat string) (*Definition, error) {
		found, _, err := facts.get(replicat)
		return found, err
	}
}

// renewDefinition has the definition of a Replicat read again when it is needed.
func renewDefinition(v *visit, replicat string) {
	wire.Remembered[definitionMemory](v.memory).replicats.facts.Renew(replicat, v.options.Now())
}

// definitionAnswer is the needed part of GET /extracts/{e} and GET /replicats/{r}. Managed has been
// reported since 19c, Type, of an Extract, since 21c; Mode is that of a Replicat.
type definitionAnswer struct {
	Type string `json:"type"`
	Mode struct {
		Type     string       `json:"type"`
		Parallel parallelMode `json:"parallel"`
	} `json:"mode"`
	Source      processSource   `json:"source"`
	Targets     []namedTrail    `json:"targets"`
	Critical    *bool           `json:"critical"`
	Managed     managedSettings `json:"managedProcessSettings"`
	Config      configLines     `json:"config"`
	Credentials struct{ Domain, Alias string }
}

// namedTrail is a trail that an Extract writes.
type namedTrail struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// MaxEntries is how many lines of parameters are hashed; 32,767 are documented.
func (*definitionAnswer) MaxEntries() int { return 100_000 }

// definition returns what the process is, which was another one before.
func (a *definitionAnswer) definition(kind ProcessType, name string, before *Definition, now time.Time) *Definition {
	d := &Definition{
		Process: name, Type: kind, Kind: a.kindOf(kind), Mode: a.modeOf(kind),
		Critical: a.Critical, AutoStart: a.Managed.start, AutoRestart: a.Managed.restart,
		ConfigHash: a.Config.hash, lastHash: a.Config.hash, profile: a.Managed.profile,
	}
	if kind == Replicat {
		d.Source = a.Source.trail
	}
	for _, t := range a.Targets {
		if kind == Extract && t.Name != "" {
			d.Targets = append(d.Targets, referTo(t.Path, t.Name))
		}
	}
	if a.Credentials.Alias != "" {
		d.connection = cmp.Or(a.Credentials.Domain, "OracleGoldenGate") + "." + a.Credentials.Alias
	}
	if before == nil {
		return d
	}
	if d.lastHash == "" || a.Config.isOdd {
		d.lastHash = before.lastHash
	}
	d.ConfigChanged = before.ConfigChanged
	if before.lastHash != "" && d.lastHash != before.lastHash {
		d.ConfigChanged = wire.TimestampOf(now)
	}
	return d
}

// copied returns a copy that a poll may complete.
func (d *Definition) copied() *Definition {
	c := *d
	c.Targets = slices.Clone(d.Targets)
	return &c
}

// odd returns an error for what was odd in the parameters and the managed settings.
func (a *definitionAnswer) odd(url string) error {
	var configErr, managedErr error
	if a.Config.isOdd {
		configErr = fmt.Errorf("GET %s: config is not a list of texts", url) // and is not shown
	}
	if len(a.Managed.odd) > 0 {
		managedErr = &wire.OddError{URL: url, Odd: a.Managed.odd}
	}
	return wire.Join(configErr, managedErr)
}

// kindOf returns the kind of the process. An Extract for an initial load reads tables, and before
// 21c that shows in its source alone, or in its parameters; a Replicat for one has it in its
// parameters alone.
func (a *definitionAnswer) kindOf(kind ProcessType) string {
	if a.Config.isLoad {
		return initialLoad
	}
	if kind == Replicat {
		if a.Mode.Type != "" {
			return changeData
		}
		return unknownKind
	}
	read := strings.ToLower(a.Type)
	switch {
	case a.Source.kind == "tables", read == "initial load", read == "remote task":
		return initialLoad
	case a.Source.kind == "tranlogs", read == "classic", read == "integrated":
		return changeData
	default:
		return unknownKind
	}
}

// modeOf returns the mode of the process in the words of the Performance Metrics Service.
func (a *definitionAnswer) modeOf(kind ProcessType) string {
	mode := strings.ToLower(a.Mode.Type)
	switch {
	case kind == Extract:
		return strings.ToLower(a.Type)
	case bool(a.Mode.Parallel):
		return "parallel"
	case mode == "nonintegrated":
		return "classic"
	default:
		return mode
	}
}

// parallelMode is whether a Replicat applies in parallel: a boolean, or a word that says in which
// direction.
type parallelMode bool

// UnmarshalJSONFrom reads a boolean, a string or null.
func (p *parallelMode) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*p = false
	switch in.PeekKind() {
	case jsontext.KindTrue:
		*p = true
	case jsontext.KindString:
		token, err := in.ReadToken()
		if err == nil {
			*p = parallelMode(!slices.Contains([]string{"", "false"}, token.String()))
		}
		return err
	case jsontext.KindFalse, jsontext.KindNull:
	default:
		return skipOdd(in)
	}
	return in.SkipValue()
}

// processSource is what a process reads: an Extract tables, tranlogs, or nothing that is known, which
// is reported as a word, or as the name of a member; a Replicat a trail.
type processSource struct {
	kind  string
	trail TrailReference
}

// UnmarshalJSONFrom reads a string, an object or null.
func (s *processSource) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*s = processSource{}
	switch in.PeekKind() {
	case jsontext.KindString:
		token, err := in.ReadToken()
		if err == nil {
			s.kind = strings.ToLower(token.String())
		}
		return err
	case jsontext.KindBeginObject:
		var members struct{ Tables, Tranlogs, Name, Path jsontext.Value }
		err := json.UnmarshalDecode(in, &members, wire.Lenient)
		switch {
		case members.Tables != nil:
			s.kind = "tables"
		case members.Tranlogs != nil:
			s.kind = "tranlogs"
		}
		s.trail = referTo(textOf(members.Path), textOf(members.Name))
		return err
	case jsontext.KindNull:
		return in.SkipValue()
	default:
		return skipOdd(in)
	}
}

// textOf returns the text that a value is, if that is no longer than a label.
func textOf(value jsontext.Value) string {
	var text string
	if value.Kind() != jsontext.KindString || json.Unmarshal(value, &text) != nil || len(text) > wire.MaxText {
		return ""
	}
	return text
}
