package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// stage is a part of the work of a scrape, found by the functions of a profile and their files. The
// innermost function that matches decides.
type stage struct {
	name      string
	functions *regexp.Regexp
}

// stages returns the stages. Whatever belongs to none of them is requests: HTTP in both directions,
// and what the runtime does for it, which is all that the bare client does besides collecting its
// garbage.
func stages() []stage {
	return []stage{
		{"garbage collection", regexp.MustCompile(`^runtime\.(gc[A-Z]|bgsweep|bgscavenge|scan|grey|sweep|\(\*sweep|\(\*gc|markroot|wbBuf)`)},
		{"encode", regexp.MustCompile(`/expfmt\.|/gzip\.|/flate\.`)},
		{"gather", regexp.MustCompile(`[gG]ather`)},
		{"export", regexp.MustCompile(`ogg_exporter/collector\.`)},
		{"decode", regexp.MustCompile(`go-json-experiment/|ogg_exporter/wire\.Unmarshal|\.UnmarshalJSON`)},
	}
}

const requestsStage = "requests"

// stageOf returns the stage of a stack, the innermost function first.
func stageOf(all []stage, stack []string) string {
	for _, function := range stack {
		for _, s := range all {
			if s.functions.MatchString(function) {
				return s.name
			}
		}
	}
	return requestsStage
}

// sharesOf returns each stage's share of a profile, as `go tool pprof -traces -lines` prints it: each
// function with its file.
func sharesOf(traces []byte) (map[string]float64, error) {
	shares := map[string]float64{}
	all, total := stages(), 0.0
	var stack []string
	var spent time.Duration
	end := func() {
		if len(stack) > 0 {
			shares[stageOf(all, stack)] += spent.Seconds()
			total += spent.Seconds()
		}
		stack = nil
	}
	lines := bufio.NewScanner(bytes.NewReader(traces))
	for begun := false; lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "-----") {
			end()
			begun = true
			continue
		}
		fields := strings.Fields(line)
		if !begun || len(fields) == 0 {
			continue
		}
		if d, err := time.ParseDuration(fields[0]); err == nil && len(stack) == 0 && len(fields) > 1 {
			spent, fields = d, fields[1:]
		}
		stack = append(stack, strings.Join(fields, " "))
	}
	end()
	if total == 0 {
		return nil, fmt.Errorf("the profile is empty: %w", lines.Err())
	}
	for name := range shares {
		shares[name] /= total
	}
	return shares, lines.Err()
}

// tracesOf prints the stacks of a profile.
func tracesOf(ctx context.Context, file string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", "-lines", file).Output() //nolint:gosec // a file in its own directory
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", filepath.Base(file), err)
	}
	return out, nil
}

// measureShare says where the CPU time goes that the exporter uses and a bare client does not: both
// are profiled, and each stage of the one is compared with that of the other.
func measureShare(ctx context.Context, b *bench) error {
	return b.on(ctx, FleetOptions{FleetSize: tenOf50}, byDefault, func(f *fleet, e *exporter) error {
		bare, err := startClient(ctx, f)
		if err != nil {
			return err
		}
		defer bare.end()
		for _, s := range scopes {
			if err := b.addShare(ctx, s, f, e, bare); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *bench) addShare(ctx context.Context, s scope, f *fleet, e *exporter, bare *client) error {
	requests, err := f.least(s)
	if err != nil {
		return err
	}
	scrape, send := e.scraping(ctx, s), bare.sending(requests)
	if err := repeat(2, scrape); err != nil {
		return err
	}
	if err := send(); err != nil {
		return err
	}
	ours, err := profiledWork{&e.process, func(file string, do func() error) error {
		return e.profileWhile(ctx, b.times(6), file, do)
	}}.take(ctx, filepath.Join(b.dir, "exporter.pprof"), scrape)
	if err != nil {
		return err
	}
	theirs, err := profiledWork{&bare.process, func(file string, do func() error) error {
		return bare.profileWhile(time.Duration(b.times(6))*time.Second, file, do)
	}}.take(ctx, filepath.Join(b.dir, "client.pprof"), send)
	if err != nil {
		return err
	}
	b.note("where the difference to the bare client goes, "+s.name, differenceOf(ours, theirs), "")
	return nil
}

// profileWhile writes a CPU profile of the client, in which it repeats do for some time.
func (c *client) profileWhile(long time.Duration, file string, do func() error) error {
	if err := c.call("StartProfile", struct{}{}, nil); err != nil {
		return err
	}
	for begin := time.Now(); time.Since(begin) < long; {
		if err := do(); err != nil {
			return err
		}
	}
	var profile []byte
	if err := c.call("StopProfile", struct{}{}, &profile); err != nil {
		return err
	}
	return os.WriteFile(file, profile, 0o600)
}

// profiledWork is a process, and how to profile it while it repeats something.
type profiledWork struct {
	of      *process
	profile func(file string, do func() error) error
}

// take returns the CPU time, in seconds, that each stage of do takes.
func (p profiledWork) take(ctx context.Context, file string, do func() error) (map[string]float64, error) {
	n := 0
	cpu, err := p.of.cpuOf(1, func() error {
		return p.profile(file, func() error {
			n++
			return do()
		})
	})
	if err != nil {
		return nil, err
	}
	traces, err := tracesOf(ctx, file)
	if err != nil {
		return nil, err
	}
	stages, err := sharesOf(traces)
	for name := range stages {
		stages[name] *= cpu / float64(n)
	}
	return stages, err
}

// differenceOf describes the stages' shares of the difference.
func differenceOf(ours, theirs map[string]float64) string {
	total := 0.0
	for _, of := range ours {
		total += of
	}
	for _, of := range theirs {
		total -= of
	}
	var parts []string
	for _, s := range append([]stage{{name: requestsStage}}, stages()...) {
		parts = append(parts, fmt.Sprintf("%s %.0f %%", s.name, 100*(ours[s.name]-theirs[s.name])/total))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(" of %.1f ms", total*1e3)
}
