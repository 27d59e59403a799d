package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// row is a row of the table. bound says what keeps the figure from being better.
type row struct {
	figure, value, target, met, bound string
}

// table is what is printed.
type table struct{ rows []row }

// atMost adds a figure that must not exceed its target.
func (t *table) atMost(figure string, value, target float64, format, remark, bound string) {
	t.add(figure, fmt.Sprintf(format, value)+remark, "≤ "+fmt.Sprintf(format, target), bound, value <= target)
}

// atLeast adds a figure that must reach its target.
func (t *table) atLeast(figure string, value, target float64, format, remark, bound string) {
	t.add(figure, fmt.Sprintf(format, value)+remark, "≥ "+fmt.Sprintf(format, target), bound, value >= target)
}

// add adds a figure with a target.
func (t *table) add(figure, value, target, bound string, met bool) {
	answer := "no"
	if met {
		answer = "yes"
	}
	t.rows = append(t.rows, row{figure, value, target, answer, bound})
}

// note adds a figure without a target.
func (t *table) note(figure, value, bound string) {
	t.rows = append(t.rows, row{figure: figure, value: value, bound: bound})
}

// print prints the rows as an aligned Markdown table.
func (t *table) print(out io.Writer) {
	cells := [][]string{{"figure", "measured", "target", "met", "bounded by"}, {"---", "---", "---", "---", "---"}}
	for _, r := range t.rows {
		cells = append(cells, []string{r.figure, r.value, r.target, r.met, r.bound})
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
