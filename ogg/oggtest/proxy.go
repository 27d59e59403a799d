package oggtest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shortForms are the paths that the front routes to a service without naming it, if there is only
// one deployment. Everything else goes to the Service Manager.
var shortForms = []struct {
	service string
	paths   []string
}{
	{"adminsrvr", []string{
		"commands", "config/data", "config/files", "connections", "credentials", "encryption", "enckeys",
		"extracts", "logs/events", "masterkey", "messages", "parameters", "replicats", "tasks",
	}},
	{"distsrvr", []string{"sources", "exttrails"}},
	{"recvsrvr", []string{"targets"}},
	{"pmsrvr", []string{"mpoints", "monitoring"}},
}

// pageAnswer returns NGINX's own error page.
func pageAnswer(status int) answer {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	page := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n" +
		"<center><h1>" + title + "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	return answer{status, http.Header{"Content-Type": {"text/html"}}, []byte(page)}
}

// direct serves a service on its own port.
func (s *Server) direct(d *deployment, svc *service) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, destination{d, svc, r.URL.EscapedPath(), "/services"})
	}
}

// proxy serves the NGINX front.
func (s *Server) proxy(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-OGG-Proxy-Version"] = []string{"v1"} // as NGINX spells it
	if r.URL.Path == "/" {
		w.Header().Set("Location", "/services/v2/content/index.html")
		w.WriteHeader(http.StatusFound)
		return
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/services"); !ok || !boundary(rest) {
		a := pageAnswer(http.StatusNotFound)
		maps.Copy(w.Header(), a.header)
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body)
		return
	}
	s.mu.RLock()
	to := s.destination(r.URL.EscapedPath())
	up := to.svc.up(to.dep)
	s.mu.RUnlock()
	if !up {
		s.gatewayError(w, r, to)
		return
	}
	s.serve(w, r, to)
}

// gatewayError answers for a service that is down.
func (s *Server) gatewayError(w http.ResponseWriter, r *http.Request, to destination) {
	x := &exchange{destination: to, Request: r, server: s, writer: w, now: s.clock.Now(), leave: func() {}}
	x.status = s.log.add(x.request(r))
	x.send(pageAnswer(http.StatusBadGateway))
}

// destination routes a path as the front is configured to.
func (s *Server) destination(path string) destination {
	manager := s.find(serviceManager)
	if rest, ok := strings.CutPrefix(path, "/services/ServiceManager/v2"); ok && boundary(rest) {
		return destination{manager, manager.find(serviceManager), "/services/v2" + rest, "/services/ServiceManager"}
	}
	for _, d := range s.deployments {
		for _, svc := range d.services {
			if rest, ok := strings.CutPrefix(path, prefix(d, svc)+"/v2"); ok && boundary(rest) && d != manager {
				return destination{d, svc, "/services/v2" + rest, prefix(d, svc)}
			}
		}
	}
	if to, ok := s.short(path); ok {
		return to
	}
	return destination{manager, manager.find(serviceManager), path, "/services"}
}

// short routes the forms that exist only with a single deployment.
func (s *Server) short(path string) (destination, bool) {
	if len(s.deployments) != 2 { // including the Service Manager's
		return destination{}, false
	}
	d := s.deployments[1]
	for _, f := range shortForms {
		svc := d.find(f.service)
		if svc == nil {
			continue
		}
		if rest, ok := strings.CutPrefix(path, "/services/"+f.service+"/v2"); ok && boundary(rest) {
			return destination{d, svc, "/services/v2" + rest, prefix(d, svc)}, true
		}
		if rest, ok := strings.CutPrefix(path, "/services/v2/"); ok && slices.ContainsFunc(f.paths, func(p string) bool {
			return strings.HasPrefix(rest, p)
		}) {
			return destination{d, svc, path, prefix(d, svc)}, true
		}
	}
	return destination{}, false
}

// boundary reports whether a prefix ended at the end of a segment.
func boundary(rest string) bool { return rest == "" || rest[0] == '/' }

// prefix returns the escaped path, up to the version, that the front routes to a service.
func prefix(d *deployment, svc *service) string {
	if svc.spec.Name == serviceManager {
		return "/services/ServiceManager"
	}
	return "/services/" + url.PathEscape(d.spec.Name) + "/" + url.PathEscape(svc.spec.Name)
}
