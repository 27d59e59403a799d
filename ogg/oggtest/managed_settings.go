package oggtest

import (
	"cmp"
	"slices"
	"time"
)

// DefaultProfile is the profile of managed processes that every deployment has. With it, nothing
// starts by itself.
const DefaultProfile = "ogg:managedProcessSettings:Default"

// ManagedSettings says how the Administration Service manages a process (since 19c).
type ManagedSettings struct {
	AutoStart, AutoRestart bool
	StartDelay             time.Duration
	RestartDelay           time.Duration
}

// ManagedProfile has settings for processes that refer to it by name.
type ManagedProfile struct {
	Name string // such as ogg:managedProcessSettings:critical
	ManagedSettings
}

// managedSettingsRoutes are the Administration Service's profiles of managed processes, since 19c.
// The route and how to create one are documented; that one is read as it was created is a guess.
var managedSettingsRoutes = []route{{
	path: "/services/v2/config/types/ogg:managedProcessSettings/values/{profile}", services: []string{"adminsrvr"},
	has:       func(p *profile) bool { return p.processCritical },
	describes: "managedProcessSettings", answer: (*exchange).managedProfile,
}}

// managedProfile answers GET /services/v2/config/types/ogg:managedProcessSettings/values/{profile}.
func (x *exchange) managedProfile() (object, *failure) {
	profiles := append(slices.Clone(x.dep.spec.ManagedProfiles), ManagedProfile{Name: DefaultProfile})
	i := slices.IndexFunc(profiles, func(p ManagedProfile) bool { return p.Name == x.vars["profile"] })
	if i < 0 {
		return nil, notFound
	}
	return profiles[i].object(), nil
}

// managed returns a process's own settings, or the name of its profile.
func (p Process) managed() any {
	if p.Managed != nil {
		return p.Managed.object()
	}
	return cmp.Or(p.ManagedProfile, DefaultProfile)
}

func (m ManagedSettings) object() object {
	return object{
		{"$schema", "ogg:managedProcessSettings"},
		{"autoStart", object{{"enabled", m.AutoStart}, {"delay", number(m.StartDelay / time.Second)}}},
		{"autoRestart", object{
			{"enabled", m.AutoRestart},
			{"onSuccess", false},
			{"delay", number(m.RestartDelay / time.Second)},
			{"retries", number(9)},
			{"window", number(60)},
			{"disableOnFailure", true},
		}},
	}
}
