package status

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// cell is a text in a table, fit to be shown, and what a terminal is told before and after it.
type cell struct {
	text          string
	before, after string
}

// plain returns the cell of a text from outside; - for an empty one.
func plain(text string) cell {
	if text = wire.Line(text); text == "" {
		text = "-"
	}
	return cell{text: text}
}

// table writes rows in columns, each as wide as its widest cell. Nothing is cut or wrapped.
type table struct{ rows [][]cell }

// add adds a row.
func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// write writes the table. No line ends in white space.
func (t *table) write(to *strings.Builder) {
	widths := t.widths()
	for _, row := range t.rows {
		var line strings.Builder
		for i, c := range row {
			line.WriteString(c.before + c.text + c.after)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-columns(c.text)+2))
			}
		}
		to.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// widths returns how wide each column is, for which the last cell of a row does not count.
func (t *table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(c.text))
		}
	}
	return widths
}

// columns returns how many columns of a terminal a text takes.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch k := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
