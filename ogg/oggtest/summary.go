package oggtest

// summaryRoutes are answered by every service.
var summaryRoutes = []route{
	{path: "/services/v2/config/summary", describes: "configSummary", answer: (*exchange).summary},
}

// titles are the services' own titles.
var titles = map[string]string{
	serviceManager: "Oracle GoldenGate Service Manager",
	"adminsrvr":    "Oracle GoldenGate Administration Service",
	"distsrvr":     "Oracle GoldenGate Distribution Service",
	"recvsrvr":     "Oracle GoldenGate Receiver Service",
	"pmsrvr":       "Oracle GoldenGate Performance Metrics Service",
}

// summary answers GET /services/v2/config/summary: the build and start time of the service. 12.3
// misspells compatibilityLevel.
func (x *exchange) summary() (object, *failure) {
	p := x.server.profile
	title, ok := titles[x.svc.spec.Name]
	if !ok {
		title = "Oracle GoldenGate " + x.svc.spec.Name
	}
	return object{
		{"$schema", "ogg:configSummary"},
		{"title", title},
		{"copyright", "Oracle and its affiliates."},
		{"build", object{
			{"version", p.version},
			{"label", p.label},
			{"platform", "Linux, x64, 64bit (optimized)"},
			{"time", p.built},
			{"dbms", p.dbms},
		}},
		{p.compatibility, object{
			{"current", p.compatibilityLevel},
			{"minimum", number(2)},
		}},
		{"runtime", object{}},
		{"started", x.svc.started},
	}, nil
}
