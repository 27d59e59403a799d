package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// debugging reports whether the request asks to see how its poll goes.
func (s *Server) debugging(r *http.Request) (bool, error) {
	given := r.URL.Query().Get("debug")
	if given == "" {
		return false, nil
	}
	debug, err := strconv.ParseBool(given)
	switch {
	case err != nil:
		return false, &statusError{http.StatusBadRequest, "debug is 1 or 0"}
	case debug && !s.options.EnableDebug:
		return false, &statusError{http.StatusForbidden, "debug is off: enable it with the flag --web.enable-debug"}
	default:
		return debug, nil
	}
}

// showPoll answers with how a poll of the client went, as text for people.
func showPoll(w http.ResponseWriter, r *http.Request, client *ogg.Client, o collector.Options) error {
	var page bytes.Buffer
	if err := watch(r.Context(), client, o).write(&page); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = page.WriteTo(w) // nobody is left to report a failure to
	return nil
}

// watched is a poll and its requests, without their bodies, which may hold a private
// key.
type watched struct {
	options  collector.Options
	inst     *ogg.Installation
	requests []request
}

// request is an Exchange of whose body only the size, in bytes, is kept.
type request struct {
	ogg.Exchange
	size int
}

// watch polls, and keeps the requests in the order in which they began.
func watch(ctx context.Context, client *ogg.Client, o collector.Options) *watched {
	w := &watched{options: o}
	var mu sync.Mutex
	var requests []request
	w.inst = client.Poll(ogg.WithTrace(ctx, func(e ogg.Exchange) {
		size := len(e.Body)
		e.Body = nil
		mu.Lock()
		defer mu.Unlock()
		requests = append(requests, request{e, size})
	}), o.Enabled...)
	mu.Lock() // a poll that does not end in time goes on
	w.requests = slices.Clone(requests)
	mu.Unlock()
	slices.SortStableFunc(w.requests, func(a, b request) int { return a.Begin.Compare(b.Begin) })
	return w
}

// write writes the page: the result, the requests, the reads and the samples.
func (w *watched) write(page io.Writer) error {
	table := tabwriter.NewWriter(page, 0, 0, 2, ' ', 0)
	w.writeResult(table)
	w.writeRequests(table)
	w.writeReads(table)
	if err := table.Flush(); err != nil {
		return err
	}
	return w.writeSamples(page)
}

// writeResult writes what was polled and with which result.
func (w *watched) writeResult(table io.Writer) {
	result := "complete"
	if failed, of := w.failures(); w.inst.Err != nil {
		result = "failed: " + oneLine(w.inst.Err.Error())
	} else if failed > 0 {
		result = fmt.Sprintf("incomplete: %d of %d reads failed", failed, of)
	}
	fmt.Fprintf(table, "target\t%s\n", oneLine(w.inst.ServiceManager))
	fmt.Fprintf(table, "began\t%s\n", w.inst.Begin.UTC().Format(time.RFC3339Nano))
	fmt.Fprintf(table, "took\t%s\n", rounded(w.inst.Took))
	fmt.Fprintf(table, "result\t%s\n", result)
	fmt.Fprintf(table, "collectors\t%s\n", strings.Join(w.options.Enabled, ", "))
}

// failures returns how many reads failed, of how many.
func (w *watched) failures() (failed, of int) {
	for _, d := range w.inst.Deployments {
		for _, r := range d.Reads {
			of++
			if r.Err != nil {
				failed++
			}
		}
	}
	return failed, of
}

// writeRequests writes a line for each request.
func (w *watched) writeRequests(table io.Writer) {
	fmt.Fprintf(table, "\n%d requests\n", len(w.requests))
	fmt.Fprintln(table, "after\tservice\tpath\tattempts\tstatus\ttook\tbytes\tdecision")
	for _, r := range w.requests {
		fmt.Fprintf(table, "%s\t%s/%s\t%s\t%d\t%s\t%s\t%d\t%s\n",
			rounded(r.Begin.Sub(w.inst.Begin)), oneLine(r.Deployment), oneLine(r.Microservice), oneLine(r.Path),
			r.Attempts, r.status(), rounded(r.Took), r.size, r.decision())
	}
}

// status returns the HTTP status, or - if there was none.
func (r request) status() string {
	if r.Status == 0 {
		return "-"
	}
	return strconv.Itoa(r.Status)
}

// decision returns what the client made of the request.
func (r request) decision() string {
	var said []string
	switch {
	case r.Attempts == 0:
		said = append(said, "held back")
	case r.Attempts > 1:
		said = append(said, "retried")
	}
	if r.Err != nil {
		said = append(said, "error: "+oneLine(r.Err.Error()))
	}
	if said == nil {
		return "ok"
	}
	return strings.Join(said, ", ")
}

// writeReads writes a line for each read of a collector's part of a deployment.
func (w *watched) writeReads(table io.Writer) {
	_, of := w.failures()
	fmt.Fprintf(table, "\n%d reads\n", of)
	fmt.Fprintln(table, "deployment\tcollector\ttook\tresult")
	for _, d := range w.inst.Deployments {
		for _, r := range d.Reads {
			result := "ok"
			if r.Err != nil {
				result = "error: " + oneLine(r.Err.Error())
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", oneLine(d.Name), r.Collector, rounded(r.Took), result)
		}
	}
}

// writeSamples writes the exposition, and at its end the error if some of it cannot be
// exposed.
func (w *watched) writeSamples(page io.Writer) error {
	fmt.Fprintln(page, "\nsamples")
	var failed error
	wrong := collector.GathererOf(w.inst, w.options).Each(func(family *dto.MetricFamily) {
		if _, err := expfmt.MetricFamilyToText(page, family); err != nil {
			failed = err
		}
	})
	if failed != nil {
		return failed
	}
	if wrong != nil {
		fmt.Fprintln(page, "error:", oneLine(wrong.Error()))
	}
	return nil
}

// rounded returns a duration with only the digits that matter.
func rounded(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

// oneLine puts a text on one line, on which nothing looks like a column.
func oneLine(text string) string {
	return wire.Line(strings.ReplaceAll(strings.TrimSpace(text), "\n", "; "))
}
