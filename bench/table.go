package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// row is a row of the table.
type row struct {
	figure, value, target, met string
}

// atMost adds a figure that must not exceed its target.
func (b *bench) atMost(figure string, value, target float64, format, remark string) {
	b.add(figure, fmt.Sprintf(format, value)+remark, "≤ "+fmt.Sprintf(format, target), value <= target)
}

// atLeast adds a figure that must reach its target.
func (b *bench) atLeast(figure string, value, target float64, format, remark string) {
	b.add(figure, fmt.Sprintf(format, value)+remark, "≥ "+fmt.Sprintf(format, target), value >= target)
}

// add adds a figure with a target.
func (b *bench) add(figure, value, target string, met bool) {
	answer := "no"
	if met {
		answer = "yes"
	}
	b.rows = append(b.rows, row{figure, value, target, answer})
}

// printTable prints the rows as an aligned Markdown table.
func printTable(out io.Writer, rows []row) {
	cells := [][]string{{"figure", "measured", "target", "met"}, {"---", "---", "---", "---"}}
	for _, r := range rows {
		cells = append(cells, []string{r.figure, r.value, r.target, r.met})
	}
	widths := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range cells {
		for i, cell := range line {
			fmt.Fprintf(out, "| %s%s ", cell, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}
		fmt.Fprintln(out, "|")
	}
}

// values are the repetitions of one measurement.
type values []float64

// median returns the middle value, or the lower of the two middle values.
func (v values) median() float64 {
	sorted := slices.Sorted(slices.Values(v))
	return sorted[(len(sorted)-1)/2]
}

// least returns the smallest value.
func (v values) least() float64 { return slices.Min(v) }

// most returns the largest value.
func (v values) most() float64 { return slices.Max(v) }
