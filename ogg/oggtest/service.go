package oggtest

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Service is a service of a deployment.
type Service struct {
	// Name is adminsrvr, distsrvr, recvsrvr, pmsrvr, or any other that a release may add.
	Name string

	// Status is running if empty, or stopped if Locked. While it is stopped, killed or abended, the
	// port is closed. While it is starting or restart, every request is answered with 503
	// OGG-12043.
	Status string

	Disabled    bool // enabled is false: not managed by the Service Manager
	NonCritical bool // critical is false: not critical to the deployment
	Locked      bool // locked by a security administrator (since 21c)
	Unhealthy   bool // healthy is false in config/health and config/health/check

	// PlainHTTP makes the service use HTTP even if the installation uses TLS.
	PlainHTTP bool

	// Address is the reported listening address; if empty, 127.0.0.1, which is the real one.
	Address string

	// Port is the format of serviceListeningPort; if empty, it depends on the release.
	Port PortShape

	// ClockSkew is how far the clock of its host is ahead; negative if it is behind. The Date header
	// shows it, except behind the front.
	ClockSkew time.Duration

	// LostPackets is how many packets per second a pmsrvr loses.
	LostPackets float64

	// Started is how long before Start the service started; a day if 0.
	Started time.Duration
}

// service is the current state of a Service.
type service struct {
	spec     Service
	id       string
	started  time.Time
	stopped  time.Time // when it last went down; zero if not since Start
	endpoint *endpoint // nil behind the NGINX front
	port     int       // behind the NGINX front
	refused  int       // faults that keep the port closed
	load     load
}

// serviceNames are the services that every deployment has.
var serviceNames = []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"}

// serviceRoutes are the Service Manager's service resources.
var serviceRoutes = []route{
	{
		path: "/services/v2/installation/services", services: []string{serviceManager},
		has:       func(p *profile) bool { return p.installation },
		describes: "installationServices", answer: (*exchange).installationServices,
	},
	{
		path: "/services/v2/deployments/{deployment}/services", services: []string{serviceManager},
		describes: "services", answer: (*exchange).services,
	},
	{
		path: "/services/v2/deployments/{deployment}/services/{service}", services: []string{serviceManager},
		describes: "service", answer: (*exchange).service,
	},
}

// installationServices answers GET /services/v2/installation/services?deployment=…&service=…, which
// 12.3 lacks.
func (x *exchange) installationServices() (object, *failure) {
	q, all := x.URL.Query(), list{}
	for _, d := range x.server.deployments {
		for _, svc := range d.services {
			if named(q.Get("deployment"), d.spec.Name) && named(q.Get("service"), svc.spec.Name) {
				all = append(all, x.installationService(d, svc))
			}
		}
	}
	return object{{"$schema", "ogg:installationServices"}, {"services", all}}, nil
}

func named(filter, name string) bool { return filter == "" || filter == name }

func (x *exchange) installationService(d *deployment, svc *service) object {
	p := x.server.profile
	return join(
		object{{"serviceName", svc.spec.Name}},
		when(p.ids, member{"serviceId", svc.id}),
		object{{"deploymentName", d.spec.Name}},
		when(p.ids, member{"deploymentId", d.id}),
		object{
			{"status", svc.status(d, p)},
			{"enabled", !svc.spec.Disabled},
			{"critical", !svc.spec.NonCritical},
		},
		when(p.locked, member{"locked", svc.spec.Locked}),
		object{
			{"isSsl", x.server.secure(svc)},
			{"listeners", list{object{{"address", svc.address()}, {"port", number(svc.listeningPort())}}}},
		},
		when(p.serviceLinks, member{"links", list{}}),
	)
}

// services answers GET /services/v2/deployments/{deployment}/services.
func (x *exchange) services() (object, *failure) {
	d := x.server.find(x.vars["deployment"])
	if d == nil {
		return nil, notFound
	}
	p, items := x.server.profile, list{}
	for _, svc := range d.services {
		items = append(items, x.item(svc.spec.Name, when(p.serviceItemState, member{"status", svc.status(d, p)})...))
	}
	return collection(items), nil
}

// service answers GET /services/v2/deployments/{deployment}/services/{service}.
func (x *exchange) service() (object, *failure) {
	d := x.server.find(x.vars["deployment"])
	if d == nil {
		return nil, notFound
	}
	svc := d.find(x.vars["service"])
	if svc == nil {
		return nil, notFound
	}
	p := x.server.profile
	return join(
		object{
			{"$schema", "ogg:service"},
			{"status", svc.status(d, p)},
			{"enabled", !svc.spec.Disabled},
			{"critical", !svc.spec.NonCritical},
			{"quiet", false},
			{"configForce", false},
		},
		when(p.locked, member{"locked", svc.spec.Locked}),
		object{{"config", x.serviceConfig(svc)}},
	), nil
}

func (x *exchange) serviceConfig(svc *service) object {
	secure := x.server.secure(svc)
	shape := x.server.profile.port
	if secure {
		shape = x.server.profile.portTLS
	}
	return object{
		{"network", object{
			{"serviceListeningPort", cmp.Or(svc.spec.Port, shape).write(svc.address(), svc.listeningPort())},
			{"ipACL", list{object{{"address", "ANY"}, {"permission", "allow"}}}},
		}},
		{"security", secure},
		{"authorizationEnabled", true},
		{"authorizationDetails", object{{"common", object{{"allow", x.server.spec.Auth.allowed()}}}}},
		{"asynchronousOperationEnabled", true},
		{"defaultSynchronousWait", number(30)},
		{"taskManagerEnabled", true},
		{"legacyProtocolEnabled", false},
	}
}

// write returns a listening port in its shape.
func (s PortShape) write(address string, port int) any {
	switch s {
	case PortString:
		return strconv.Itoa(port)
	case PortObject:
		return object{{"address", address}, {"port", port}}
	case PortObjectString:
		return object{{"address", address}, {"port", strconv.Itoa(port)}}
	case PortArray:
		return list{object{{"address", address}, {"port", port}}}
	case PortByRelease, PortInteger:
	}
	return port
}

// allowed returns the names in config.authorizationDetails.common.allow.
func (a Auth) allowed() list {
	switch a {
	case AuthDigest:
		return list{"Digest"}
	case AuthBasicDigest:
		return list{"Digest", "Basic"}
	case AuthBearer:
		return list{"Bearer"}
	case AuthBasic:
	}
	return list{"Basic"}
}

// status returns the reported status: nothing runs in a deployment that is down.
func (svc *service) status(d *deployment, p *profile) string {
	if d.down() && !down(svc.spec.Status) {
		return "stopped"
	}
	return known(svc.spec.Status, p.lacksServiceStates)
}

func (svc *service) up(d *deployment) bool {
	return !d.down() && !down(svc.spec.Status) && svc.refused == 0
}

func (svc *service) restarting(d *deployment) bool {
	return d.spec.Status == "restart" || svc.spec.Status == "restart" || svc.spec.Status == "starting"
}

func (s *Server) secure(svc *service) bool {
	return s.spec.TLS && !svc.spec.PlainHTTP && s.front == nil
}

func (svc *service) address() string { return cmp.Or(svc.spec.Address, "127.0.0.1") }

func (svc *service) listeningPort() int {
	if svc.endpoint == nil {
		return svc.port
	}
	_, port, _ := net.SplitHostPort(svc.endpoint.address)
	n, _ := strconv.Atoi(port)
	return n
}

// addServices creates a deployment's services and assigns each its port.
func (s *Server) addServices(d *deployment) error {
	specs := d.spec.Services
	if specs == nil {
		for _, name := range serviceNames {
			specs = append(specs, Service{Name: name})
		}
	}
	for _, spec := range specs {
		if spec.Name == "" || d.find(spec.Name) != nil {
			return fmt.Errorf("service name %q is empty or taken", spec.Name)
		}
		if spec.Locked {
			spec.Status = cmp.Or(spec.Status, "stopped")
		}
		spec.Status = cmp.Or(spec.Status, "running")
		svc := &service{spec: spec, id: identifier("service", d.spec.Name, spec.Name)}
		svc.started = s.clock.Now().Add(-cmp.Or(spec.Started, 24*time.Hour))
		if err := s.listen(d, svc); err != nil {
			return fmt.Errorf("service %s: %w", spec.Name, err)
		}
		d.services = append(d.services, svc)
	}
	return nil
}

func (s *Server) listen(d *deployment, svc *service) error {
	if s.front != nil {
		svc.port = 9011 + s.ports
		s.ports++
		return nil
	}
	config := s.pki.config()
	if svc.spec.PlainHTTP {
		config = nil
	}
	svc.endpoint = newEndpoint(s, s.direct(d, svc), config)
	return svc.endpoint.open()
}

// settle opens and closes ports according to the states of deployments and services.
func (s *Server) settle() error {
	if s.front != nil || s.closed {
		return nil
	}
	for _, d := range s.deployments {
		for _, svc := range d.services {
			if !svc.up(d) {
				svc.endpoint.close()
			} else if err := svc.endpoint.open(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *deployment) find(name string) *service {
	for _, svc := range d.services {
		if svc.spec.Name == name {
			return svc
		}
	}
	return nil
}
