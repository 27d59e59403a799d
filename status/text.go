package status

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteText writes s as INFO ALL does, for a terminal: problems first, the pipelines beneath, and at the
// end what could not be read. Without color it has no escape sequences. What GoldenGate reports cannot
// add any, nor lines.
func WriteText(w io.Writer, s *Status, color bool) error {
	p := painter(color)
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s, %s, %d unknown, %d ok, %d off", s.At.Format(time.RFC3339),
		several(s.Summary.Problems, "problem"), several(s.Summary.Warnings, "warning"), s.Summary.Unknown, s.Summary.OK, s.Summary.Off)
	if s.isUnread() { // what was not read has no rows, so the numbers may look better than all is
		b.WriteString("; not everything could be read")
	}
	b.WriteString("\n\n")
	writeRows(&b, s.Rows, p)
	writePipelines(&b, s.Pipelines, p)
	writeServiceManagers(&b, s.ServiceManagers, p)
	_, err := io.WriteString(w, b.String())
	return err
}

// several returns how many there are of something.
func several(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// writeRows writes the table.
func writeRows(b *strings.Builder, rows []Row, p painter) {
	t := &table{}
	t.add(heading("STATE", "SERVICE MANAGER", "DEPLOYMENT", "PROGRAM", "NAME", "STATUS", "LAG", "AGE", "WHY")...)
	for _, r := range rows {
		name := r.Name
		if name == r.Program {
			name = "" // a service
		}
		t.add(p.state(r.State), plain(r.ServiceManager), plain(r.Deployment), plain(r.Program), plain(name),
			plain(r.Status), clock(r.LagSeconds), clock(r.LagAgeSeconds), why(r.Why, r.LastErrorLine))
	}
	t.write(b)
}

// why returns why something is not ok, and the line of a report that says more.
func why(text, line string) cell {
	if text == "" {
		return cell{}
	}
	if line != "" {
		text += fmt.Sprintf(" (%s)", line)
	}
	return plain(text)
}

// writePipelines writes the pipelines, if there are any, with their hops beneath each.
func writePipelines(b *strings.Builder, pipelines []Pipeline, p painter) {
	if len(pipelines) == 0 {
		return
	}
	b.WriteByte('\n')
	t := &table{}
	t.add(heading("STATE", "PIPELINE", "LAG", "WHY")...)
	for _, of := range pipelines {
		t.add(p.state(of.State), plain(of.Pipeline), clock(of.LagSeconds), why(of.Why, ""))
		t.add(cell{}, cell{text: hops(of.Hops)})
	}
	t.write(b)
}

// hops returns the hops of a pipeline on one line.
func hops(of []Hop) string {
	all := make([]string, len(of))
	for i, h := range of {
		said := []string{plain(h.Name).text}
		if h.Kind != external {
			said = append(said, plain(h.Status).text)
		}
		if h.LagSeconds != nil {
			said = append(said, Duration(*h.LagSeconds))
		}
		if h.BacklogBytes != nil && *h.BacklogBytes > 0 {
			said = append(said, Size(*h.BacklogBytes)+" to read")
		}
		all[i] = strings.Join(said, " ")
	}
	return strings.Join(all, " > ")
}

// writeServiceManagers writes what was read, and beneath each what could not be.
func writeServiceManagers(b *strings.Builder, managers []ServiceManager, p painter) {
	b.WriteByte('\n')
	t := &table{}
	t.add(heading("STATE", "SERVICE MANAGER", "URL", "READ AT", "READ IN")...)
	for _, sm := range managers {
		at, took := "", ""
		if sm.ReadAt != nil && sm.TookSeconds != nil {
			at, took = sm.ReadAt.Format(time.RFC3339), fmt.Sprintf("%.1f s", *sm.TookSeconds)
		}
		t.add(p.state(sm.State), plain(sm.Name), plain(sm.URL), plain(at), plain(took))
	}
	t.write(b)
	writeRules(b, managers)
	for _, sm := range managers {
		if len(sm.Errors) == 0 {
			continue
		}
		fmt.Fprintf(b, "\nCould not be read of %s:\n", plain(sm.Name).text)
		for _, failed := range sm.Errors {
			fmt.Fprintf(b, "  %s\n", plain(failed).text)
		}
	}
}

// heading returns the cells of a heading.
func heading(names ...string) []cell {
	cells := make([]cell, len(names))
	for i, name := range names {
		cells[i].text = name
	}
	return cells
}

// clock returns the cell of a time in seconds.
func clock(seconds *float64) cell {
	if seconds == nil {
		return plain("")
	}
	return plain(Duration(*seconds))
}

// painter is whether to use colors.
type painter bool

// colors are those of the states, for a terminal.
var colors = map[State]string{
	Problem: "\x1b[1;31m", Warning: "\x1b[33m", Unknown: "\x1b[35m", OK: "\x1b[32m", Off: "\x1b[2m",
}

// state returns the cell of a state.
func (p painter) state(s State) cell {
	if !p {
		return plain(string(s))
	}
	return cell{string(s), colors[s], "\x1b[0m"}
}

// writeRules writes what the rules of what is expected match, if there are any.
func writeRules(b *strings.Builder, managers []ServiceManager) {
	t := &table{}
	for _, sm := range managers {
		for _, r := range sm.Rules {
			if len(t.rows) == 0 {
				t.add(heading("SERVICE MANAGER", "RULE", "MATCHES", "SUCH AS")...)
			}
			t.add(plain(sm.Name), plain(r.Rule), plain(strconv.Itoa(r.Matches)), plain(strings.Join(r.SuchAs, ", ")))
		}
	}
	if len(t.rows) > 0 {
		b.WriteByte('\n')
		t.write(b)
	}
}
