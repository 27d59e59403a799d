package main

import _ "embed"

// licenses are the licenses of the exporter and of the modules in it; make licenses writes them.
//
//go:embed LICENSES.txt
var licenses string
