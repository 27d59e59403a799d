// Command house prints how the files and functions of this module depend on each other, as
// a table with one row per package:
//
//	go run ./house
//
// File A uses file B of the same package if a name in A resolves to a package-level
// identifier, method or struct field that B declares. Two files that use each other cannot
// be read one at a time. Neither can a circle: a set of files that all use each other,
// directly or through others. The table shows the number of such pairs and the size of the
// largest circle; 1 means that there is none.
//
// Lines are those with code on them. A function's length is counted from func to its last
// brace. The last row sums up all packages. Test files, generated files and files excluded
// by build constraints are left out.
//
// -list also names each pair, with one thing that either file uses of the other, and the
// files of each largest circle. -C measures the module in another directory, to compare two
// commits. The limits for this module are in limits.go; a test enforces them.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	list := flag.Bool("list", false, "name the pairs and the circles")
	dir := flag.String("C", ".", "directory of the module")
	flag.Parse()
	rooms, err := measure(*dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "house: error:", err)
		os.Exit(1)
	}
	printTable(os.Stdout, rooms)
	if *list {
		printCircles(os.Stdout, rooms)
	}
}

func printTable(w io.Writer, rooms []room) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "package\tfiles\tpairs\tcircle\tlines\tfunctions\tmedian\tp90\tlongest")
	all := room{name: "all"}
	for _, r := range rooms {
		printRow(table, r, fmt.Sprintf("%d\t%d", len(r.pairs), max(1, len(r.circle))))
		all.files += r.files
		all.lines += r.lines
		all.functions = append(all.functions, r.functions...)
	}
	printRow(table, all, "\t")
	_ = table.Flush()
}

func printCircles(w io.Writer, rooms []room) {
	for _, r := range rooms {
		for _, pair := range r.pairs {
			fmt.Fprintf(w, "\n%s: pair: %s", r.name, pair)
		}
		if len(r.circle) > 0 {
			fmt.Fprintf(w, "\n%s: circle: %s\n", r.name, strings.Join(r.circle, ", "))
		}
	}
}

func printRow(w io.Writer, r room, circles string) {
	slices.SortStableFunc(r.functions, func(a, b function) int { return cmp.Compare(a.lines, b.lines) })
	longest := quantile(r.functions, 1)
	fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%d\t%d\t%d %s\n", r.name, r.files, circles, r.lines, len(r.functions),
		quantile(r.functions, 0.5).lines, quantile(r.functions, 0.9).lines, longest.lines, longest.name)
}
