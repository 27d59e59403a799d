// Command bench measures the exporter against a simulated fleet and prints a table:
//
//	go run ./bench
//
// The exporter, built as for a release, the fleet, and the client that the exporter is
// compared with each run in a process of their own. The fleet adds the latency. CPU time
// and memory are read from /proc, so it needs Linux. Files are written to a temporary
// directory, which is removed at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) //nolint:forbidigo // this is main
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// roles create the services of the other processes.
var roles = map[string]func(context.Context) any{
	"fleet":  func(ctx context.Context) any { return &Fleet{ctx: ctx} },
	"client": func(ctx context.Context) any { return &Client{ctx: ctx, http: newClient()} },
}

// run is the driver or, with the name of a role as its only argument, one of the processes
// that the driver starts. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 1 && roles[args[0]] != nil {
		serveRole(roles[args[0]](ctx))
		return 0
	}
	err := drive(ctx, args, stdout, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench: error:", err)
		return 1
	}
	return 0
}

// drive takes the measurements and prints the table. If a measurement fails, its rows are
// missing and the error is returned.
func drive(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	b := &bench{log: stderr}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "take only measurements that match this regular expression")
	flags.BoolVar(&b.quick, "quick", false, "take each value once, whatever the noise")
	flags.StringVar(&b.profiles, "profiles", "", "write profiles of the exporter to this existing directory")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ogg_exporter-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b.dir = dir
	if err := b.build(ctx); err != nil {
		return err
	}
	var errs []error
	for _, m := range measurements {
		if !wanted.MatchString(m.name) {
			continue
		}
		fmt.Fprintln(stderr, "measuring", m.name)
		if err := m.take(ctx, b); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.name, err))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	fmt.Fprintln(stdout, machine())
	fmt.Fprintln(stdout)
	b.print(stdout)
	return errors.Join(errs...)
}
