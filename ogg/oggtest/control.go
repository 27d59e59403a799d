package oggtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// AddDeployment adds a deployment to a running simulation. It fails when the name is
// missing or taken, when its parts are not as they must be, and when there is no port.
func (s *Server) AddDeployment(spec Deployment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	if spec.Name == "" || s.find(spec.Name) != nil {
		return fmt.Errorf("deployment name %q is empty or taken", spec.Name)
	}
	d := &deployment{spec: spec, id: identifier("deployment", spec.Name)}
	d.account = account{
		cmp.Or(spec.User, s.spec.User),
		cmp.Or(spec.Password, s.spec.Password),
		cmp.Or(spec.Token, s.spec.Token),
	}
	if err := errors.Join(s.addServices(d), s.addProcesses(d)); err != nil {
		d.shut()
		return fmt.Errorf("deployment %s: %w", spec.Name, err)
	}
	s.deployments = append(s.deployments, d)
	return s.settle()
}

// RemoveDeployment takes a deployment out of the installation and closes its ports.
// It panics when there is no such deployment, and for that of the Service Manager.
func (s *Server) RemoveDeployment(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == serviceManager {
		panic("oggtest: an installation cannot be without its Service Manager")
	}
	d := s.mustDeployment(name)
	d.shut()
	s.deployments = slices.DeleteFunc(s.deployments, func(o *deployment) bool { return o == d })
}

// SetDeploymentStatus changes a deployment's status and opens or closes its ports to match.
// Services of a deployment that was down start anew. It panics when there is no such
// deployment.
func (s *Server) SetDeploymentStatus(name, status string) {
	s.change(func() {
		d := s.mustDeployment(name)
		if d.down() && !down(status) {
			for _, svc := range d.services {
				svc.started = s.clock.Now()
			}
		}
		d.spec.Status = status
	})
}

// SetCredentials changes the account of a deployment, or of "ServiceManager".
// It panics when there is no such deployment.
func (s *Server) SetCredentials(deployment, user, password string) {
	s.change(func() {
		a := &s.mustDeployment(deployment).account
		a.user, a.password = user, password
	})
}

// SetToken changes the bearer token of a deployment, or of "ServiceManager".
// It panics when there is no such deployment.
func (s *Server) SetToken(deployment, token string) {
	s.change(func() { s.mustDeployment(deployment).account.token = token })
}

// change applies f and lets the ports follow.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	if err := s.settle(); err != nil {
		panic(fmt.Sprintf("oggtest: no port to listen on: %v", err))
	}
}

// SetServiceStatus changes a service's status and opens or closes its port to match.
// It panics when there is no such service.
func (s *Server) SetServiceStatus(deployment, service, status string) {
	s.change(func() {
		_, svc := s.mustService(deployment, service)
		if svc.spec.Status != "running" && status == "running" {
			svc.started = s.clock.Now()
		}
		svc.spec.Status = status
	})
}

// SetServiceHealth changes what config/health says of a service.
// It panics when there is no such service.
func (s *Server) SetServiceHealth(deployment, service string, healthy bool) {
	s.change(func() {
		_, svc := s.mustService(deployment, service)
		svc.spec.Unhealthy = !healthy
	})
}

// RestartService cuts a service's connections and starts it anew: it runs, on the same port
// if that can be had, since now. It panics when there is no such service.
func (s *Server) RestartService(deployment, service string) {
	s.change(func() {
		_, svc := s.mustService(deployment, service)
		svc.spec.Status, svc.started = "running", s.clock.Now()
		if svc.endpoint != nil {
			svc.endpoint.close()
		}
	})
}

// AddProcess adds a process to a deployment. It fails when the name is not of the form
// that GoldenGate takes, or taken. It panics when there is no such deployment.
func (s *Server) AddProcess(deployment string, p Process) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addProcess(s.mustDeployment(deployment), p)
}

// RemoveProcess deletes a process. It panics when there is no such process.
func (s *Server) RemoveProcess(deployment, name string) {
	s.change(func() {
		d, pr := s.mustDeployment(deployment), s.mustProcess(deployment, name)
		d.processes = slices.DeleteFunc(d.processes, func(o *process) bool { return o == pr })
	})
}

// SetProcessStatus changes a process's status: to stopped, killed or abended it stops now,
// from one of these to any other it starts now. It panics when there is no such process.
func (s *Server) SetProcessStatus(deployment, process, status string) {
	s.change(func() { s.mustProcess(deployment, process).to(status, s.clock.Now()) })
}

// SetProcessLag changes Process.Lag. It panics when there is no such process.
func (s *Server) SetProcessLag(deployment, process string, lag time.Duration) {
	s.change(func() { s.mustProcess(deployment, process).spec.Lag = lag })
}

// RestartProcess stops a process and starts it again now.
// It panics when there is no such process.
func (s *Server) RestartProcess(deployment, process string) {
	s.change(func() {
		pr := s.mustProcess(deployment, process)
		pr.start(s.clock.Now())
		pr.spec.Status = "running"
	})
}

// mustDeployment finds a deployment that a caller of the package named.
func (s *Server) mustDeployment(name string) *deployment {
	d := s.find(name)
	if d == nil {
		panic(fmt.Sprintf("oggtest: no deployment %q", name))
	}
	return d
}

// mustService finds a service that a caller of the package named.
func (s *Server) mustService(deployment, service string) (*deployment, *service) {
	d := s.mustDeployment(deployment)
	svc := d.find(service)
	if svc == nil {
		panic(fmt.Sprintf("oggtest: no service %q in deployment %q", service, deployment))
	}
	return d, svc
}

// mustProcess finds a process that a caller of the package named.
func (s *Server) mustProcess(deployment, name string) *process {
	pr := s.mustDeployment(deployment).process(name)
	if pr == nil {
		panic(fmt.Sprintf("oggtest: no process %q in deployment %q", name, deployment))
	}
	return pr
}
