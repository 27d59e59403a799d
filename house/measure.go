package main

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// room is a package with its measurements.
type room struct {
	name      string // path inside the module, "." for its root
	files     int
	pairs     []string // of files that use each other
	circle    []string // the files of the largest circle
	lines     int
	functions []function
}

type function struct {
	name  string
	lines int
}

// measure measures the packages of the module in dir that have code other than tests.
func measure(dir string) ([]room, error) {
	loaded, err := packages.Load(&packages.Config{
		Dir: dir,
		// Without NeedDeps, dependencies are not type-checked again.
		Mode: packages.NeedName | packages.NeedModule | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedExportFile | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedSyntax,
	}, "./...")
	if err != nil {
		return nil, err
	}
	var rooms []room
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, p.Errors[0]
		}
		r, err := measurePackage(p)
		if err != nil {
			return nil, err
		}
		if r.files > 0 {
			rooms = append(rooms, r)
		}
	}
	slices.SortFunc(rooms, func(a, b room) int { return strings.Compare(a.name, b.name) })
	return rooms, nil
}

func measurePackage(p *packages.Package) (room, error) {
	r := room{name: "."}
	if inside, ok := strings.CutPrefix(p.PkgPath, p.Module.Path+"/"); ok {
		r.name = inside
	}
	files := slices.DeleteFunc(slices.Clone(p.Syntax), ast.IsGenerated)
	for _, file := range files {
		n, err := codeLines(p.Fset.File(file.FileStart).Name())
		if err != nil {
			return r, err
		}
		r.lines += n
		r.functions = append(r.functions, functions(p.Fset, file)...)
	}
	r.files = len(files)
	uses := fileUses(p, files)
	r.pairs, r.circle = uses.pairs(), uses.largestCircle()
	return r, nil
}

// fileUses returns the graph of which files use what others declare.
func fileUses(p *packages.Package, files []*ast.File) graph {
	counted := map[*token.File]bool{} // excludes generated files and other packages
	for _, file := range files {
		counted[p.Fset.File(file.FileStart)] = true
	}
	uses := graph{}
	for id, object := range p.TypesInfo.Uses {
		from, to := p.Fset.File(id.Pos()), p.Fset.File(object.Pos())
		if counted[from] && counted[to] {
			uses.add(filepath.Base(from.Name()), filepath.Base(to.Name()), object.Name())
		}
	}
	return uses
}

// functions returns the functions that file declares. A function literal counts as part of
// the function around it.
func functions(fset *token.FileSet, file *ast.File) []function {
	var all []function
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			name = fmt.Sprintf("(%s).%s", types.ExprString(f.Recv.List[0].Type), name)
		}
		lines := fset.File(file.FileStart).Line(f.End()) - fset.File(file.FileStart).Line(f.Pos()) + 1
		all = append(all, function{name, lines})
	}
	return all
}

// quantile returns the function at quantile q by length.
func quantile(sorted []function, q float64) function {
	if len(sorted) == 0 {
		return function{}
	}
	return sorted[int(math.Ceil(q*float64(len(sorted))))-1]
}

// codeLines counts the lines of a file that are neither blank nor only a comment.
func codeLines(name string) (int, error) {
	text, err := os.ReadFile(name) //nolint:gosec // a file of the module
	if err != nil {
		return 0, err
	}
	file := token.NewFileSet().AddFile(name, -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	lines := map[int]bool{}
	for {
		position, tok, literal := s.Scan()
		if tok == token.EOF {
			return len(lines), nil
		}
		if tok == token.SEMICOLON && literal == "\n" {
			continue
		}
		first := file.Line(position)
		for line := range 1 + strings.Count(literal, "\n") {
			lines[first+line] = true
		}
	}
}
