package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// serveRole answers the driver's calls until the driver is gone.
func serveRole(service any) {
	server := rpc.NewServer()
	if err := server.RegisterName("Role", service); err != nil {
		panic(err) // its methods have the wrong form
	}
	server.ServeConn(stdio{os.Stdin, os.Stdout})
}

// stdio is the connection to another process through standard input and output.
type stdio struct {
	io.ReadCloser
	io.WriteCloser
}

// Close closes both directions.
func (s stdio) Close() error { return errors.Join(s.ReadCloser.Close(), s.WriteCloser.Close()) }

// process is a measured program.
type process struct{ cmd *exec.Cmd }

// role is another process of this program in one of the roles.
type role struct {
	process
	calls *rpc.Client
}

// startRole starts this program in a role.
func startRole(ctx context.Context, name string) (*role, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, name) //nolint:gosec // this program
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &role{process{cmd}, rpc.NewClient(stdio{out, in})}, nil
}

// call calls a method of the role.
func (r *role) call(method string, args, reply any) error {
	if err := r.calls.Call("Role."+method, args, reply); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// end ends the process.
func (p *process) end() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it was killed
}

// ticksPerSecond is the unit of the times in /proc, the same on every Linux.
const ticksPerSecond = 100

// cpu returns the CPU time that the process has used, in user and system mode.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(p.proc("stat"))
	if err != nil {
		return 0, err
	}
	// The second field is the program's name in parentheses, which may contain anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s has %d fields", p.proc("stat"), len(fields))
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * (time.Second / ticksPerSecond), errors.Join(err, err2)
}

// peakMemory returns the peak resident memory of the process, in bytes.
func (p *process) peakMemory() (int64, error) {
	status, err := os.ReadFile(p.proc("status"))
	if err != nil {
		return 0, err
	}
	value, err := field(string(status), "VmHWM:")
	if err != nil {
		return 0, err
	}
	kib, err := strconv.ParseInt(strings.TrimSuffix(value, " kB"), 10, 64)
	return kib << 10, err
}

func (p *process) proc(file string) string {
	return fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, file)
}

// field returns the rest of the line that begins with name.
func field(text, name string) (string, error) {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("no line begins with %q", name)
}

// machine describes the machine in one line.
func machine() string {
	model := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if value, err := field(string(info), "model name"); err == nil {
			model = strings.TrimSpace(strings.TrimPrefix(value, ":"))
		}
	}
	load := "unknown"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(text), " ")
	}
	return fmt.Sprintf("%d cores, %s, %s, %s/%s, load average %s at the end",
		runtime.NumCPU(), model, runtime.Version(), runtime.GOOS, runtime.GOARCH, load)
}
