package oggtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// captureIndex is the file that describes a capture as a whole.
const captureIndex = "capture.json"

// Replayed serves a folder of recorded answers as if it were GoldenGate. All methods are safe for
// concurrent use.
type Replayed struct {
	capture recordedCapture
	answers map[recordedRequest]recordedAnswer
	address string
	shut    func()
	running sync.WaitGroup
}

// recordedCapture is capture.json.
type recordedCapture struct {
	ServiceManager string            `json:"service_manager"`
	Selection      map[string]string `json:"selection"`
}

// recordedRequest is the request of a recorded answer.
type recordedRequest struct {
	Deployment   string `json:"deployment"`
	Microservice string `json:"microservice"`
	Path         string `json:"path"` // after the version, escaped, with the query
}

// recordedAnswer is the file of one answer.
type recordedAnswer struct {
	recordedRequest
	Status      int             `json:"status"` // 0 if there was no answer
	ContentType string          `json:"content_type"`
	Body        json.RawMessage `json:"body"` // JSON, or a string with what is not JSON
}

// Replay serves a folder of recorded answers on 127.0.0.1 with the paths of the NGINX in Oracle's
// containers, /services/{deployment}/{microservice}/v2/…, whatever they were recorded from. It
// ignores credentials. It drops the connection if a request had no answer, and returns GoldenGate's
// 404 if a request was not recorded.
//
// The folder contains capture.json, {"service_manager", "selection": {…}}, and a file with any name
// for each answer, {"deployment", "microservice", "path", "status", "content_type", "body"}. Replay
// fails if a file is invalid. Close stops it.
func Replay(dir string) (*Replayed, error) {
	r := &Replayed{answers: map[recordedRequest]recordedAnswer{}}
	if err := r.load(dir); err != nil {
		return nil, fmt.Errorf("oggtest: replay of %s: %w", dir, err)
	}
	l, err := listen("127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("oggtest: %w", err)
	}
	r.address = l.Addr().String()
	c := &connections{running: &r.running}
	srv := &http.Server{
		Handler:           http.HandlerFunc(r.serve),
		ConnState:         c.changed,
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Minute,
	}
	r.running.Go(func() { _ = srv.Serve(l) }) // ends with ErrServerClosed
	r.shut = sync.OnceFunc(func() {
		c.shut()
		_ = srv.Close()
		_ = l.Close() // Serve may not have been reached yet
	})
	return r, nil
}

// URL returns what a user configures, as for a Server behind NGINX.
func (r *Replayed) URL() string { return "http://" + r.address }

// ServiceManager returns the name that the Service Manager had in the configuration.
func (r *Replayed) ServiceManager() string { return r.capture.ServiceManager }

// Selection returns the regular expressions that selected what was recorded, by configuration key,
// such as include_deployments.
func (r *Replayed) Selection() map[string]string { return maps.Clone(r.capture.Selection) }

// Close stops the replay. When it returns, nothing runs any more. Further calls do nothing.
func (r *Replayed) Close() {
	r.shut()
	r.running.Wait()
}

// Errors in a folder or one of its files.
var (
	errNoAnswers = errors.New("no recorded answers")
	errNotAsked  = errors.New("the request is missing")
	errTwice     = errors.New("another file answers the same request")
)

// load reads the folder.
func (r *Replayed) load(dir string) error {
	if err := readFile(filepath.Join(dir, captureIndex), &r.capture); err != nil {
		return fmt.Errorf("%s: %w", captureIndex, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == captureIndex || filepath.Ext(entry.Name()) != ".json" {
			continue
		}
		if err := r.add(filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), err)
		}
	}
	if len(r.answers) == 0 {
		return errNoAnswers
	}
	return nil
}

// add reads the file of one answer.
func (r *Replayed) add(file string) error {
	var a recordedAnswer
	if err := readFile(file, &a); err != nil {
		return err
	}
	_, twice := r.answers[a.recordedRequest]
	switch {
	case a.Deployment == "" || a.Microservice == "" || a.Path == "":
		return errNotAsked
	case twice:
		return errTwice
	case a.Status != 0 && (a.Status < 200 || a.Status > 599):
		return fmt.Errorf("invalid status %d", a.Status)
	}
	if err := a.unquote(); err != nil {
		return err
	}
	r.answers[a.recordedRequest] = a
	return nil
}

// readFile reads a JSON file.
func readFile(file string, into any) error {
	text, err := os.ReadFile(file) //nolint:gosec // a user says which
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// unquote replaces the body with what is to be sent.
func (a *recordedAnswer) unquote() error {
	if !bytes.HasPrefix(a.Body, []byte(`"`)) {
		return nil
	}
	var text string
	err := json.Unmarshal(a.Body, &text)
	a.Body = []byte(text)
	return err
}

// serve answers a request as recorded.
func (r *Replayed) serve(w http.ResponseWriter, asked *http.Request) {
	a, ok := r.answers[requestOf(asked.RequestURI)]
	switch {
	case !ok || asked.Method != http.MethodGet:
		replayNotFound(w)
	case a.Status == 0:
		panic(http.ErrAbortHandler) // makes net/http drop the connection
	default:
		if a.ContentType != "" {
			w.Header().Set("Content-Type", a.ContentType)
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body) // the client may have gone away
	}
}

// requestOf returns the request that a URL in the layout of NGINX stands for. For the Service
// Manager, it has no deployment.
func requestOf(uri string) recordedRequest {
	rest, ok := strings.CutPrefix(uri, "/services/")
	deployment, rest, more := strings.Cut(rest, "/")
	microservice, path, most := strings.Cut(rest, "/")
	if deployment == serviceManager && microservice == "v2" {
		return recordedRequest{serviceManager, serviceManager, "/" + path}
	}
	path, version := strings.CutPrefix(path, "v2/")
	deployment, err := url.PathUnescape(deployment)
	microservice, err2 := url.PathUnescape(microservice)
	if !ok || !more || !most || !version || err != nil || err2 != nil {
		return recordedRequest{}
	}
	return recordedRequest{deployment, microservice, "/" + path}
}

// replayNotFound answers as GoldenGate does if there is no such resource.
func replayNotFound(w http.ResponseWriter) {
	p := profileOf(Release26ai)
	e := encoder{numbers: p.numbers}
	e.encode(object{
		{"links", list{}},
		{"messages", list{p.message(message{notFound.code, "ERROR", notFound.title}, time.Now())}},
	})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(notFound.status)
	_, _ = w.Write(e.out.Bytes()) // the client may have gone away
}
