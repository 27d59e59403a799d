package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	openDirectories(t, "..")
	rooms, err := measure("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, sentence := range exceeded(rooms, limits) {
		t.Error(sentence)
	}
}

// openDirectories makes go test rerun this test instead of reporting a cached result when a
// file was added below root: go list reads the directories in a process of its own, which
// go test cannot see.
func openDirectories(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWithoutGoroutines: the packages that make race leaves out have nothing that could race.
func TestWithoutGoroutines(t *testing.T) {
	t.Parallel()
	for _, room := range []string{"config", "pipeline"} {
		files, err := filepath.Glob(filepath.Join("..", room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has %d files: %v", room, len(files), err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(node ast.Node) bool {
				if _, is := node.(*ast.GoStmt); is {
					t.Errorf("%s starts a goroutine: have make race run %s again", file, room)
				}
				return true
			})
			for _, i := range parsed.Imports {
				if path, _ := strconv.Unquote(i.Path.Value); path == "sync" || strings.HasSuffix(path, "/errgroup") {
					t.Errorf("%s imports %s: have make race run %s again", file, path, room)
				}
			}
		}
	}
}

func TestExceeded(t *testing.T) {
	t.Parallel()
	pair := []string{"a.go and b.go (A, B)"}
	circle := []string{"a.go", "b.go", "c.go"}
	for name, test := range map[string]struct {
		room   room
		limits map[string]limit
		want   []string
	}{
		"no limit needed": {room{name: "p"}, nil, nil},
		"at the limit":    {room{name: "p", pairs: pair, circle: circle}, map[string]limit{"p": {1, 3}}, nil},
		"one pair more": {
			room{name: "p", pairs: pair, circle: circle},
			map[string]limit{"p": {0, 3}},
			[]string{"package p has 1 pairs of files that use each other, but its limit is 0:\n\ta.go and b.go (A, B)"},
		},
		"one file more in the circle": {
			room{name: "p", circle: circle},
			map[string]limit{"p": {0, 2}},
			[]string{"package p has a circle of 3 files, but its limit is 2: a.go, b.go, c.go"},
		},
		"a circle in a package without a limit": {
			room{name: "p", circle: circle},
			nil,
			[]string{"package p has a circle of 3 files, but its limit is 1: a.go, b.go, c.go"},
		},
		"a limit without a package": {
			room{name: "p"},
			map[string]limit{"q": {1, 1}},
			[]string{"package q is in limits.go, but has no code; delete its line"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := exceeded([]room{test.room}, test.limits); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestMeasure measures a module with a package for each case.
func TestMeasure(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		files  map[string]string
		pairs  []string
		circle []string
	}{
		"oneway": {files: map[string]string{"a.go": "func A() { B() }", "b.go": "func B() {}"}},
		"identifiers": {
			files: map[string]string{
				"a.go": "const A = B\nvar A0 = B0",
				"b.go": "var B0 = A\nconst B = 1",
			},
			pairs:  []string{"a.go and b.go (B, A)"},
			circle: []string{"a.go", "b.go"},
		},
		"methods": {
			files: map[string]string{
				"a.go": "type A[T any] struct{}\nfunc use(a A[int]) { a.M() }",
				"b.go": "func (A[T]) M() {}",
			},
			pairs:  []string{"a.go and b.go (M, A)"},
			circle: []string{"a.go", "b.go"},
		},
		"fields": {
			files: map[string]string{
				"a.go": "type A struct{}\nvar n = newB().n",
				"b.go": "type B struct { n int; A }",
				"c.go": "func newB() *B { return nil }",
			},
			pairs:  []string{"a.go and b.go (n, A)"},
			circle: []string{"a.go", "b.go", "c.go"},
		},
		"chain": { // two pairs; a circle of three, and one of four without a pair
			files: map[string]string{
				"a.go": "func A() { B() }",
				"b.go": "func B() { A(); C() }",
				"c.go": "func C() { B() }",
				"e.go": "func E() { F() }",
				"f.go": "func F() { G() }",
				"g.go": "func G() { H() }",
				"h.go": "func H() { E(); A() }",
			},
			pairs:  []string{"a.go and b.go (B, A)", "b.go and c.go (C, B)"},
			circle: []string{"e.go", "f.go", "g.go", "h.go"},
		},
		"locals": { // identical names with different meanings, and names of another package
			files: map[string]string{
				"a.go": "import \"strings\"\nvar A = strings.ToLower(B)",
				"b.go": "const B = \"\"\nfunc f() { A := 1; _ = A; type T struct { A int }; _ = T{A: A} }",
			},
		},
		"left_out": {
			files: map[string]string{
				"a.go":      "func A() { B(); C() }",
				"a_test.go": "func T() { A() }",
				"b.go":      "func B() {}",
				"gen.go":    "// Code generated by hand. DO NOT EDIT.\n\nfunc C() { A() }\nfunc B0() { A() }",
				"tagged.go": "//go:build soak\n\nfunc B1() { A() }",
			},
		},
	}
	files := map[string]string{}
	for name, test := range cases {
		for file, text := range test.files {
			files[name+"/"+file] = withClause(text, name)
		}
	}
	for _, r := range measureFiles(t, files) {
		want := cases[r.name]
		if !slices.Equal(r.pairs, want.pairs) || !slices.Equal(r.circle, want.circle) {
			t.Errorf("%s: got %q and circle %q, want %q and %q", r.name, r.pairs, r.circle, want.pairs, want.circle)
		}
		delete(cases, r.name)
	}
	for name := range cases {
		t.Errorf("%s is missing from the measurement", name)
	}
}

// withClause inserts a package clause before text, but after comments at its top.
func withClause(text, name string) string {
	comment := ""
	if strings.HasPrefix(text, "//") {
		comment, text, _ = strings.Cut(text, "\n\n")
	}
	return comment + "\n\npackage " + name + "\n" + text + "\n"
}

func TestMeasureLengths(t *testing.T) {
	t.Parallel()
	rooms := measureFiles(t, map[string]string{"a.go": `// Package a is four lines of comments and
// blanks, and
package a // line 1

/* not a
line */
func short() {} // line 2

// long is long.
func (t *T) long() string { // line 3
	// not a line

	return func() string { return ` + "`" + ` line 4
is line 5` + "`" + ` }() // line 6 is the brace
}

type T struct{} // line 7
`})
	if len(rooms) != 1 {
		t.Fatalf("got %d rooms, want 1", len(rooms))
	}
	want := []function{{"short", 1}, {"(*T).long", 6}}
	if r := rooms[0]; r.name != "." || r.files != 1 || r.lines != 7 || !slices.Equal(r.functions, want) {
		t.Errorf("got %+v, want 1 file of 7 lines with %v", r, want)
	}
}

func TestMeasureBroken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"package a\nvar A = missing\n":                    "undefined: missing",
		"package a\nimport _ \"example.com/m/missing\"\n": "example.com/m/missing",
		"package\n": "expected 'IDENT'",
	} {
		_, err := measure(writeModule(t, map[string]string{"a.go": text}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][3]int{0: {0, 0, 0}, 1: {1, 1, 1}, 2: {1, 2, 2}, 3: {2, 3, 3}, 10: {5, 9, 10}, 11: {6, 10, 11}} {
		var all []function
		for i := range n {
			all = append(all, function{lines: i + 1})
		}
		if got := [3]int{quantile(all, 0.5).lines, quantile(all, 0.9).lines, quantile(all, 1).lines}; got != want {
			t.Errorf("of %d: got %v, want %v", n, got, want)
		}
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	rooms := []room{
		{name: ".", files: 1, lines: 9, functions: []function{{"main", 4}, {"run", 2}}},
		{name: "p", files: 2, lines: 20, pairs: []string{"a.go and b.go (B, A)"}, circle: []string{"a.go", "b.go"}, functions: []function{{"B", 11}}},
	}
	var got strings.Builder
	printTable(&got, rooms)
	printCircles(&got, rooms)
	want := `package  files  pairs  circle  lines  functions  median  p90  longest
.        1      0      1       9      2          2       4    4 main
p        2      1      2       20     1          11      11   11 B
all      3                     29     3          4       11   11 B

p: pair: a.go and b.go (B, A)
p: circle: a.go, b.go
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func measureFiles(t *testing.T, files map[string]string) []room {
	t.Helper()
	rooms, err := measure(writeModule(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return rooms
}

// writeModule writes a module into a new directory and returns that.
func writeModule(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/m\n\ngo 1.26.0\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
