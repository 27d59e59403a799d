package oggtest

import (
	"net/http"
	"testing"
	"time"
)

// TestClockSkew reads the Date header of services, on their own ports and behind the front, where
// that has only one clock.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for _, front := range []bool{false, true} {
		s := start(t, Installation{ReverseProxy: front, Deployments: []Deployment{{
			Name: "west", Services: []Service{{Name: "adminsrvr", ClockSkew: time.Hour}, {Name: "distsrvr", ClockSkew: -time.Hour}, {Name: "pmsrvr"}},
		}}})
		for service, want := range map[string]time.Duration{"adminsrvr": time.Hour, "distsrvr": -time.Hour, "pmsrvr": 0} {
			if front {
				want = 0
			}
			checkSkew(t, s, service, want)
		}
		s.SetClockSkew(serviceManager, serviceManager, 2*time.Hour)
		s.SetClockSkew("west", "pmsrvr", -3*time.Hour)
		want := -3 * time.Hour
		if front {
			want = 2 * time.Hour
		}
		checkSkew(t, s, "pmsrvr", want)
	}
}

func checkSkew(t *testing.T, s *Server, service string, want time.Duration) {
	t.Helper()
	r := get(t, s, s.ServiceURL("west", service)+"/config/summary", 200)
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	if got := time.Until(date).Round(time.Hour); got != want {
		t.Errorf("%s: %v, want %v", service, got, want)
	}
}
