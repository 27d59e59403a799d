package oggtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// AddDeployment adds a deployment to a running simulation. It fails if the name is missing or
// taken, if part of the deployment is invalid, or if no port is available.
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
	if err := errors.Join(s.addServices(d), s.addProcesses(d), s.addPaths(d), s.addTasks(d), s.addCertificates(d), d.checkConnections()); err != nil {
		d.shut()
		return fmt.Errorf("deployment %s: %w", spec.Name, err)
	}
	d.recall(d.processes, s.clock.Now())
	s.deployments = append(s.deployments, d)
	s.link()
	return s.settle()
}

// RemoveDeployment removes a deployment and closes its ports. It panics if there is no such
// deployment, or if it is the Service Manager's.
func (s *Server) RemoveDeployment(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == serviceManager {
		panic("oggtest: the Service Manager cannot be removed")
	}
	d := s.mustDeployment(name)
	d.shut()
	s.deployments = slices.DeleteFunc(s.deployments, func(o *deployment) bool { return o == d })
	s.link()
}

// SetFront takes the NGINX front down, so that connections are refused, or brings it up again on
// the same port. It panics if there is none.
func (s *Server) SetFront(up bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.front == nil {
		panic("oggtest: no front")
	}
	if !up {
		s.front.close()
	} else if err := s.front.open(); err != nil {
		panic(fmt.Sprintf("oggtest: cannot listen: %v", err))
	}
}

// SetDeploymentStatus changes a deployment's status and opens or closes its ports accordingly.
// Services of a deployment that was down restart. It panics if there is no such deployment.
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

// SetCredentials changes the account of a deployment, or of "ServiceManager". It panics if there is
// no such deployment.
func (s *Server) SetCredentials(deployment, user, password string) {
	s.change(func() {
		a := &s.mustDeployment(deployment).account
		a.user, a.password = user, password
	})
}

// SetToken changes the bearer token of a deployment, or of "ServiceManager". It panics if there is
// no such deployment.
func (s *Server) SetToken(deployment, token string) {
	s.change(func() { s.mustDeployment(deployment).account.token = token })
}

// change applies f and opens or closes ports accordingly.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	if err := s.settle(); err != nil {
		panic(fmt.Sprintf("oggtest: cannot listen: %v", err))
	}
}

// SetServiceStatus changes a service's status and opens or closes its port accordingly. It panics
// if there is no such service.
func (s *Server) SetServiceStatus(deployment, service, status string) {
	s.change(func() {
		_, svc := s.mustService(deployment, service)
		if svc.spec.Status != "running" && status == "running" {
			svc.started = s.clock.Now()
		}
		if !down(svc.spec.Status) && down(status) {
			svc.stopped = s.clock.Now()
		}
		svc.spec.Status = status
	})
}

// SetServiceHealth changes what config/health reports for a service. It panics if there is no such
// service.
func (s *Server) SetServiceHealth(deployment, service string, healthy bool) {
	s.change(func() {
		_, svc := s.mustService(deployment, service)
		svc.spec.Unhealthy = !healthy
	})
}

// SetClockSkew changes Service.ClockSkew; that of "ServiceManager" in "ServiceManager" is also the
// front's. It panics if there is no such service.
func (s *Server) SetClockSkew(deployment, service string, skew time.Duration) {
	s.change(func() {
		_, svc := s.mustService(deployment, service)
		svc.spec.ClockSkew = skew
	})
}

// RestartService closes a service's connections and restarts it, on the same port if that is still
// free. It panics if there is no such service.
func (s *Server) RestartService(deployment, service string) {
	s.change(func() {
		_, svc := s.mustService(deployment, service)
		svc.spec.Status, svc.started = "running", s.clock.Now()
		if svc.endpoint != nil {
			svc.endpoint.close()
		}
	})
}

// AddProcess adds a process to a deployment. It fails if the name is invalid in GoldenGate or
// taken. It panics if there is no such deployment.
func (s *Server) AddProcess(deployment string, p Process) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.link()
	d := s.mustDeployment(deployment)
	if err := s.addProcess(d, p); err != nil {
		return err
	}
	pr := d.processes[len(d.processes)-1]
	pr.added = s.clock.Now()
	d.recall([]*process{pr}, pr.added)
	return nil
}

// RemoveProcess deletes a process. Its trail remains. It panics if there is no such process.
func (s *Server) RemoveProcess(deployment, name string) {
	s.change(func() {
		d, pr, now := s.mustDeployment(deployment), s.mustProcess(deployment, name), s.clock.Now()
		d.alter(pr, now, func() { pr.to("stopped", now) })
		d.processes = slices.DeleteFunc(d.processes, func(o *process) bool { return o == pr })
		s.link()
	})
}

// SetProcessStatus changes a process's status. It stops now if the new status is stopped, killed or
// abended, and starts now when it changes from one of these to any other. It panics if there is no
// such process.
func (s *Server) SetProcessStatus(deployment, process, status string) {
	s.change(func() {
		pr, now := s.mustProcess(deployment, process), s.clock.Now()
		s.mustDeployment(deployment).alter(pr, now, func() { pr.to(status, now) })
	})
}

// SetProcessLag changes Process.Lag, as though the latest run had always had it: the position may go
// back. It panics if there is no such process.
func (s *Server) SetProcessLag(deployment, process string, lag time.Duration) {
	s.change(func() {
		pr := s.mustProcess(deployment, process)
		pr.spec.Lag, pr.run.from = lag, time.Time{}
	})
}

// StickProcess makes a process stand still from now until it is restarted: it runs, but makes no
// checkpoints. It panics if there is no such process.
func (s *Server) StickProcess(deployment, process string) {
	s.change(func() { s.mustProcess(deployment, process).run.stuck = s.clock.Now() })
}

// RestartProcess restarts a process now. It panics if there is no such process.
func (s *Server) RestartProcess(deployment, process string) {
	s.change(func() {
		pr, now := s.mustProcess(deployment, process), s.clock.Now()
		s.mustDeployment(deployment).alter(pr, now, func() {
			pr.start(now)
			pr.spec.Status = "running"
		})
	})
}

// SetMonitoredStatus changes Process.MonitoredStatus. With NotResponsive, Performance Metrics stops
// hearing from the process. It panics if there is no such process.
func (s *Server) SetMonitoredStatus(deployment, process, status string) {
	s.change(func() {
		pr := s.mustProcess(deployment, process)
		pr.spec.MonitoredStatus = status
		pr.hear(s.clock.Now())
	})
}

// SetOpenTransactions changes how many transactions an Extract has open, and the age of the oldest
// one. It panics if there is no such process.
func (s *Server) SetOpenTransactions(deployment, extract string, open int, oldest time.Duration) {
	s.change(func() {
		pr := s.mustProcess(deployment, extract)
		pr.spec.OpenTransactions, pr.spec.OldestTransaction = open, oldest
		pr.oldest = s.clock.Now().Add(-oldest)
	})
}

// AddDistributionPath adds a path to a deployment's Distribution Service. It fails if the name is
// invalid in GoldenGate or taken there. It panics if there is no such deployment.
func (s *Server) AddDistributionPath(deployment string, p DistributionPath) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.link()
	return s.addPath(s.mustDeployment(deployment), distribution, p)
}

// AddReceiverPath is AddDistributionPath for the Receiver Service.
func (s *Server) AddReceiverPath(deployment string, p ReceiverPath) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.link()
	return s.addReceiverPath(s.mustDeployment(deployment), p)
}

// RemovePath deletes a path. As in all methods that take a path's name, that is the distribution
// path of this name, or else the receiver path. It panics if there is no such path.
func (s *Server) RemovePath(deployment, name string) {
	s.change(func() {
		d, dp := s.mustPath(deployment, name)
		for t, paths := range d.paths {
			d.paths[t] = slices.DeleteFunc(paths, func(o *distPath) bool { return o == dp })
		}
		dp.to("stopped", s.clock.Now())
		s.link()
	})
}

// SetPathStatus changes the status of a distribution or receiver path. It stops now if the new
// status is one in which a path is frozen, and starts now when it changes from one of these to any
// other. It panics if there is no such path.
func (s *Server) SetPathStatus(deployment, path, status string) {
	s.change(func() {
		_, dp := s.mustPath(deployment, path)
		dp.to(status, s.clock.Now())
	})
}

// RestartPath restarts a distribution or receiver path now. It panics if there is no such path.
func (s *Server) RestartPath(deployment, path string) {
	s.change(func() {
		_, dp := s.mustPath(deployment, path)
		dp.restart(s.clock.Now())
	})
}

// mustDeployment returns the named deployment, or panics.
func (s *Server) mustDeployment(name string) *deployment {
	d := s.find(name)
	if d == nil {
		panic(fmt.Sprintf("oggtest: no deployment %q", name))
	}
	return d
}

// mustService returns the named service and its deployment, or panics.
func (s *Server) mustService(deployment, service string) (*deployment, *service) {
	d := s.mustDeployment(deployment)
	svc := d.find(service)
	if svc == nil {
		panic(fmt.Sprintf("oggtest: no service %q in deployment %q", service, deployment))
	}
	return d, svc
}

// mustProcess returns the named process, or panics.
func (s *Server) mustProcess(deployment, name string) *process {
	pr := s.mustDeployment(deployment).process(name)
	if pr == nil {
		panic(fmt.Sprintf("oggtest: no process %q in deployment %q", name, deployment))
	}
	return pr
}

// mustPath returns the named path and its deployment, or panics.
func (s *Server) mustPath(deployment, name string) (*deployment, *distPath) {
	d := s.mustDeployment(deployment)
	dp := cmp.Or(d.path(distribution, name), d.path(receiver, name))
	if dp == nil {
		panic(fmt.Sprintf("oggtest: no path %q in deployment %q", name, deployment))
	}
	return d, dp
}
