package oggtest

// versionRoutes list the versions of the API. They require no credentials, are the same in every
// release and have no envelope.
var versionRoutes = []route{
	{path: "/services", open: true, bare: true, answer: (*exchange).versions},
	{path: "/services/v2", open: true, bare: true, answer: (*exchange).version},
}

// versions answers GET /services.
func (x *exchange) versions() (object, *failure) {
	items := list{}
	for i, v := range x.server.spec.APIVersions {
		items = append(items, x.apiVersion(v, i == 0, x.base()+x.prefix+"/"+v.Version))
	}
	return object{
		{"$schema", "api:versions"},
		{"links", list{
			link("current", x.base()+x.prefix+"/"+x.server.spec.APIVersions[0].Version, "application/json"),
			link("canonical", x.here(), "application/json"),
			link("self", x.here(), "application/json"),
		}},
		{"items", items},
	}, nil
}

// version answers GET /services/v2.
func (x *exchange) version() (object, *failure) {
	return x.apiVersion(x.server.spec.APIVersions[0], true, x.here()), nil
}

func (x *exchange) apiVersion(v APIVersion, latest bool, href string) object {
	return join(
		object{
			{"$schema", "api:version"},
			{"links", list{
				link("canonical", href, "application/json"),
				link("self", href, "application/json"),
			}},
			{"version", v.Version},
			{"isLatest", latest},
		},
		when(v.Lifecycle != "", member{"lifecycle", v.Lifecycle}),
		object{{"catalog", object{{"links", list{link("canonical", x.catalog(), "application/json")}}}}},
	)
}
