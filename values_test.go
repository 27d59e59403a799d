package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/alecthomas/units"
)

// oddTexts are what somebody or something may give in the place of a value.
var oddTexts = []string{
	"", " ", " 5", "5 ", "1e3", "1.5", "0x10", "0b1", "0o7", "010", "1_000", "-1", "-0", "+5", "999999999999", "99999999999999999999", "9223372036854775808",
	"NaN", "Inf", "-1s", "+1s", "30m5", "1:30", "50%", ".", "1,2", "٣", "5\n", "true", "TRUE", "yes", "1e3s", "1h-5m", "9999999h", "1,5s", "5 s", "5S", "1.5",
	"64mib", "64M", "64MB", "1e3MiB", "-64MiB", "8EiB", "8388608TiB", "67108864B", "1kB", "1MiB5", "TEXT", "Json", "INFO", "Logfmt", "metrics", "/metrics ", "localhost", ":", ":-1", ":99999", "\x1b[2J",
}

// rightTexts returns what is right for a flag; nil for one that takes any text but none, or even that.
func rightTexts(flag *kingpin.FlagModel) []string {
	switch flag.Value.(kingpin.Getter).Get().(type) {
	case int:
		return []string{"0", "30", "999999999"}
	case time.Duration:
		return []string{"1ms", "1.5s", "1h30m", "1d"}
	case units.Base2Bytes:
		return []string{"1MiB", "1.5GiB", "999999TiB"}
	case []string:
		return []string{":0", "localhost:http", ":HTTPS", "[::1]:17809", "vsock://:100000"}
	case string:
		if strings.Join(flag.Default, "") != "" {
			return flag.Default
		}
	}
	return nil
}

// TestOddValues: each flag that takes a value takes what is right, and refuses everything else in one line with
// its name and the value.
func TestOddValues(t *testing.T) {
	found := map[string]int{}
	for _, flag := range (&flags{}).commandLine("", io.Discard, io.Discard).Model().Flags {
		if flag.IsBoolFlag() {
			continue
		}
		right := rightTexts(flag)
		for _, text := range append(right, oddTexts...) {
			err := parsed("--" + flag.Name + "=" + text)
			switch {
			case slices.Contains(right, text), right == nil && (text != "" || len(flag.Default) > 0):
				if right != nil && err != nil {
					t.Errorf("%q is right, but: %v", text, err)
				}
			case err == nil:
				t.Errorf("--%s takes %q", flag.Name, text)
			default:
				checkRefusal(t, err, flag.Name, text)
			}
		}
		found[fmt.Sprintf("%T", flag.Value.(kingpin.Getter).Get())]++
		if _, is := flag.Value.(interface{ IsCumulative() bool }); !is {
			value := "--" + flag.Name + "=" + strings.Join(append(slices.Clone(flag.Default), "text")[:1], "")
			if err := parsed(value, value); err == nil || !strings.Contains(err.Error(), "--"+flag.Name+": must not be given twice") {
				t.Errorf("given twice: %v", err)
			}
		}
	}
	if len(found) != 5 {
		t.Errorf("%v flags, want those of five types", found)
	}
}

// checkRefusal checks that an error is one line that names the flag and the value.
func checkRefusal(t *testing.T, err error, name, text string) {
	t.Helper()
	said := printable(err)
	if !strings.HasPrefix(said, "--"+name+": ") || strings.Contains(said, "\n") {
		t.Errorf("%q: %s", text, said)
	}
	if !strings.Contains(said, strings.Trim(strconv.Quote(text), `"`)) && !strings.Contains(said, strings.TrimSpace(text)) { // in one line
		t.Errorf("%q is not in: %s", text, said)
	}
}

// parsed returns what is wrong with a command line.
func parsed(args ...string) error {
	f, _, err := parseFlags(args, io.Discard, io.Discard)
	if err == nil {
		_, err = f.options()
	}
	return err
}

// TestOddSwitches: a flag that takes no value refuses one, be it the value that it would have.
func TestOddSwitches(t *testing.T) {
	found := 0
	for _, flag := range (&flags{}).commandLine("", io.Discard, io.Discard).Model().Flags {
		if !flag.IsBoolFlag() || flag.Hidden {
			continue
		}
		found++
		for _, text := range []string{"", "true", "false", "1", "0", "yes", "no", " "} {
			for _, name := range []string{flag.Name, "no-" + flag.Name} {
				err := parsed("--" + name + "=" + text)
				if want := fmt.Sprintf("--%s: takes no value, not %q, try --help", name, text); err == nil || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		}
	}
	if found < 25 {
		t.Errorf("only %d flags take no value", found)
	}
}
