//go:build soak

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// usage is the resources that the exporter uses.
type usage struct{ goroutines, files, heapInUse, heapAllocated float64 }

func (u usage) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f files, heap %.1f MiB in use, %.1f MiB allocated", u.goroutines, u.files, u.heapInUse/(1<<20), u.heapAllocated/(1<<20))
}

// measure returns the mean of several measurements of the usage while nothing is scraped.
// All clients except that of the steady Service Manager are new, with one connection to
// each service: how many the others had would be chance.
func (s *soak) measure() usage {
	s.scraping.Lock()
	defer s.scraping.Unlock()
	s.fresh = !s.fresh
	for _, m := range s.sims {
		if m.name != steady {
			m.concurrency = 1
		}
	}
	s.cloud.concurrency = 1
	s.changing(func() { s.loadBy("POST", s.configuration(), true) })
	s.awaitCloud()
	s.figure("go_goroutines") // the scrape that warms up
	const times = 3
	var sum usage
	for range times {
		s.web.CloseIdleConnections()
		for range 2 { // the first leaves what is in pools
			s.ask(http.MethodGet, "/debug/pprof/heap?gc=1")
		}
		a, _ := s.ask(http.MethodGet, "/metrics")
		series := scraper{s, nil}.parse("/metrics", a.body)
		sum.goroutines += series["go_goroutines"] / times
		sum.files += series["process_open_fds"] / times
		sum.heapInUse += series["go_memstats_heap_inuse_bytes"] / times
		sum.heapAllocated += series["go_memstats_heap_alloc_bytes"] / times
	}
	return sum
}

// compare checks that the usage is what it was before. It waits for what ends a moment
// after its scrape.
func (s *soak) compare(before usage) {
	var after usage
	isMore := true
	for deadline := time.Now().Add(patience); isMore && time.Now().Before(deadline); s.pass(time.Second) {
		after = s.measure()
		isMore = after.goroutines > before.goroutines+moreGoroutines || after.files > before.files+moreFiles ||
			after.heapInUse > before.heapInUse*(1+moreHeapShare)+moreHeap || after.heapAllocated > before.heapAllocated*(1+moreHeapShare)+moreHeap
	}
	s.t.Logf("before: %s", before)
	s.t.Logf("after:  %s (at most %d goroutines, %d files, %d MiB and %.0f%% of heap more)", after, moreGoroutines, moreFiles, moreHeap>>20, moreHeapShare*100)
	if isMore {
		a, _ := s.ask(http.MethodGet, "/debug/pprof/goroutine?debug=1")
		s.violation("the exporter holds more than before: %s; before: %s\n%.4000s", after, before, a.body)
	}
}

// interval is the time from one report to the next.
func (s *soak) interval() time.Duration { return min(time.Minute, *soakDuration/6) }

// report logs a line of the table.
func (s *soak) report() {
	s.mu.Lock()
	own, late := s.own, s.late
	s.mu.Unlock()
	const mib = 1 << 20
	columns := []struct {
		name  string
		value any
	}{
		{"after", time.Since(s.begin).Round(time.Second)},
		{"scrapes", s.scrapes.Load()},
		{"hang-ups", s.hangUps.Load()},
		{"down", s.down.Load()},
		{"cut", s.cut.Load()},
		{"failures", s.violations.Load()},
		{"faults", s.faults.Load()},
		{"reloads", s.reloads.Load()},
		{"requests", s.requests.Load()},
		{"latest[s]", fmt.Sprintf("%.2f", late.Seconds())},
		{"goroutines", own["go_goroutines"]},
		{"files", own["process_open_fds"]},
		{"heap[MiB]", fmt.Sprintf("%.1f", own["go_memstats_heap_inuse_bytes"]/mib)},
		{"RSS[MiB]", fmt.Sprintf("%.1f", own["process_resident_memory_bytes"]/mib)},
		{"CPU[s]", own["process_cpu_seconds_total"]},
	}
	var head, line strings.Builder
	for _, c := range columns {
		_, _ = fmt.Fprintf(&head, "%11s", c.name)
		_, _ = fmt.Fprintf(&line, "%11v", c.value)
	}
	if s.reported++; s.reported%10 == 1 {
		s.t.Log(head.String())
	}
	s.t.Log(line.String())
	s.checkSecrets("the log", s.exporter.log.String())
}
