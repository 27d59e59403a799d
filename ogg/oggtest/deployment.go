package oggtest

import (
	"cmp"
	"sync/atomic"
)

// Deployment is a deployment of an installation.
type Deployment struct {
	// Name is unique in the installation.
	Name string

	// Status is running if empty. While it is stopped, killed or abended, the services do not
	// answer. Releases that lack a state report the documented default, stopped. A status that no
	// release has is reported as it is.
	Status string

	// Disabled deployments are not managed by the Service Manager.
	Disabled bool

	// User, Password and Token are the deployment's own account, and no other account is accepted.
	// They default to the installation's.
	User, Password, Token string

	// Services default to adminsrvr, distsrvr, recvsrvr and pmsrvr, all running, if nil.
	Services []Service

	// Processes are the Extracts and Replicats of the Administration Service.
	Processes []Process

	// DistributionPaths and ReceiverPaths are those of the Distribution and Receiver Services.
	DistributionPaths []DistributionPath
	ReceiverPaths     []ReceiverPath

	// DataStreams are those of the Distribution Service.
	DataStreams []DataStream

	// ManagedProfiles are profiles of managed processes in addition to DefaultProfile.
	ManagedProfiles []ManagedProfile

	// Tasks are those of the Administration Service.
	Tasks []Task

	// Trails are trails in addition to those of processes and paths, or that replace one of these.
	Trails []Trail

	// Certificates are those that the Service Manager stores for it.
	Certificates []Certificate

	// Connections are the database connections of the Administration Service.
	Connections []Connection
}

// deployment is the current state of a Deployment.
type deployment struct {
	spec      Deployment
	id        string
	account   account
	services  []*service
	processes []*process
	paths     map[pathType][]*distPath
	tasks     []*task
	journal   journal
	files     map[place]*trailFiles // all trails that there have been
	used      []*trailFiles         // those that are written or read now
	kept      []certificate         // stored by the Service Manager
	sessions  atomic.Int64          // database sessions opened for heartbeat tables
}

// deploymentRoutes are the Service Manager's deployment resources.
var deploymentRoutes = []route{
	{
		path: "/services/v2/deployments", services: []string{serviceManager},
		describes: "deployments", answer: (*exchange).deployments,
	},
	{
		path: "/services/v2/deployments/{deployment}", services: []string{serviceManager},
		describes: "deployment", answer: (*exchange).deployment,
	},
	{
		path: "/services/v2/installation/deployments", services: []string{serviceManager},
		has:       func(p *profile) bool { return p.installation },
		describes: "installationDeployments", answer: (*exchange).installationDeployments,
	},
	{
		path: "/services/v2/installation/configuration", services: []string{serviceManager},
		has: func(p *profile) bool { return p.configuration }, role: RoleAdministrator,
		describes: "configuration", answer: (*exchange).installationConfiguration,
	},
}

// deployments answers GET /services/v2/deployments: names, without status in every release.
func (x *exchange) deployments() (object, *failure) {
	items := list{}
	for _, d := range x.server.deployments {
		items = append(items, x.item(d.spec.Name))
	}
	return collection(items), nil
}

// deployment answers GET /services/v2/deployments/{deployment}.
func (x *exchange) deployment() (object, *failure) {
	d := x.server.find(x.vars["deployment"])
	if d == nil {
		return nil, notFound
	}
	p, home := x.server.profile, "/u02/ogg/"+d.spec.Name
	return join(
		object{{"$schema", "ogg:deployment"}},
		when(p.ids, member{"id", d.id}),
		object{
			{"enabled", !d.spec.Disabled},
			{"status", d.status(p)},
			{"oggHome", "/u01/ogg"},
			{"oggEtcHome", home + "/etc"},
			{"oggConfHome", home + "/etc/conf"},
			{"oggSslHome", home + "/etc/ssl"},
			{"oggVarHome", home + "/var"},
			{"oggDataHome", home + "/var/lib/data"},
		},
		when(p.ids, member{"passwordRegex", ".*"}),
		object{{"environment", list{object{{"name", "TNS_ADMIN"}, {"value", home + "/etc"}}}}},
	), nil
}

// installationDeployments answers GET /services/v2/installation/deployments?deployment=…, which
// 12.3 lacks.
func (x *exchange) installationDeployments() (object, *failure) {
	p, only := x.server.profile, x.URL.Query().Get("deployment")
	all := list{}
	for _, d := range x.server.deployments {
		if only != "" && only != d.spec.Name {
			continue
		}
		all = append(all, join(
			when(p.ids, member{"deploymentId", d.id}),
			object{
				{"deploymentName", d.spec.Name},
				{"enabled", !d.spec.Disabled},
				{"status", d.status(p)},
			},
		))
	}
	return object{
		{"$schema", "ogg:installationDeployments"},
		{"xagEnabled", false},
		{"deployments", all},
	}, nil
}

// installationConfiguration answers GET /services/v2/installation/configuration (26ai).
func (x *exchange) installationConfiguration() (object, *failure) {
	return object{
		{"$schema", "ogg:installationConfiguration"},
		{"configurationServiceEnabled", true},
		{"installationId", identifier(x.server.find(serviceManager).id, "installation")},
	}, nil
}

func (d *deployment) status(p *profile) string {
	return known(cmp.Or(d.spec.Status, "running"), p.lacksDeploymentStates)
}

func (d *deployment) down() bool { return down(d.spec.Status) }

func (d *deployment) shut() {
	for _, svc := range d.services {
		if svc.endpoint != nil {
			svc.endpoint.close()
		}
	}
}

func (s *Server) find(name string) *deployment {
	for _, d := range s.deployments {
		if d.spec.Name == name {
			return d
		}
	}
	return nil
}
