package oggtest

// versionRoutes list the versions of the API. They require no credentials, are the same in every
// release and have no envelope.
var versionRoutes = []route{
	{path: "/services", open: true, bare: true, answer: (*exchange).versions},
	{path: "/services/v2", open: true, bare: true, answer: (*exchange).version},
}

// versions answers GET /services.
func (x *exchange) versions() (object, *failure) {
	return object{
		{"$schema", "api:versions"},
		{"links", list{
			link("current", x.base()+x.prefix+"/v2", "application/json"),
			link("canonical", x.here(), "application/json"),
			link("self", x.here(), "application/json"),
		}},
		{"items", list{x.apiVersion(x.base() + x.prefix + "/v2")}},
	}, nil
}

// version answers GET /services/v2.
func (x *exchange) version() (object, *failure) { return x.apiVersion(x.here()), nil }

func (x *exchange) apiVersion(href string) object {
	return object{
		{"$schema", "api:version"},
		{"links", list{
			link("canonical", href, "application/json"),
			link("self", href, "application/json"),
		}},
		{"version", "v2"},
		{"isLatest", true},
		{"lifecycle", "active"},
		{"catalog", object{{"links", list{link("canonical", x.catalog(), "application/json")}}}},
	}
}
