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

// captureIndex is the file of a capture that is about the whole, and no answer.
const captureIndex = "capture.json"

// Replayed is a folder of recorded answers that is served as if GoldenGate were there. All
// methods are safe for concurrent use.
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

// recordedRequest is what was asked.
type recordedRequest struct {
	Deployment   string `json:"deployment"`
	Microservice string `json:"microservice"`
	Path         string `json:"path"` // behind the version, if there is one, escaped, with the query
}

// recordedAnswer is what came.
type recordedAnswer struct {
	recordedRequest
	Status      int             `json:"status"` // 0 when nothing came
	ContentType string          `json:"content_type"`
	Body        json.RawMessage `json:"body"` // JSON; a string of what is none
}

// Replay serves a folder of recorded answers on 127.0.0.1, in the layout of the NGINX of
// Oracle's containers, /services/{deployment}/{microservice}/v2/…, whatever the one was that
// they were recorded in. Credentials do not matter. The connection is cut for a request that
// had no answer; one that was not recorded gets GoldenGate's 404.
//
// The folder has capture.json, {"service_manager", "selection": {…}}, and one file for each
// answer, {"deployment", "microservice", "path", "status", "content_type", "body"}, whatever
// their names. Replay fails where that is not so. Close ends it.
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

// ServiceManager returns the name under which the Service Manager was read.
func (r *Replayed) ServiceManager() string { return r.capture.ServiceManager }

// Selection returns the regular expressions by which what was read was selected, by their
// keys in the configuration, such as include_deployments.
func (r *Replayed) Selection() map[string]string { return maps.Clone(r.capture.Selection) }

// Close ends it. Nothing of it runs when Close returns. Closing twice does nothing.
func (r *Replayed) Close() {
	r.shut()
	r.running.Wait()
}

// What is wrong with a folder, or with a file in it.
var (
	errNoAnswers = errors.New("there is no recorded answer")
	errNotAsked  = errors.New("what was asked is missing")
	errTwice     = errors.New("another file has the answer to the same")
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
		return fmt.Errorf("%d is no status of an answer", a.Status)
	}
	if err := a.unquote(); err != nil {
		return err
	}
	r.answers[a.recordedRequest] = a
	return nil
}

// readFile reads a file of JSON.
func readFile(file string, into any) error {
	text, err := os.ReadFile(file) //nolint:gosec // a user says which
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// unquote makes of the body what is to be sent.
func (a *recordedAnswer) unquote() error {
	if !bytes.HasPrefix(a.Body, []byte(`"`)) {
		return nil
	}
	var text string
	err := json.Unmarshal(a.Body, &text)
	a.Body = []byte(text)
	return err
}

// serve answers a request as was recorded.
func (r *Replayed) serve(w http.ResponseWriter, asked *http.Request) {
	a, ok := r.answers[requestOf(asked.RequestURI)]
	switch {
	case !ok || asked.Method != http.MethodGet:
		replayNotFound(w)
	case a.Status == 0:
		panic(http.ErrAbortHandler) // which net/http takes for the wish to cut the connection
	default:
		if a.ContentType != "" {
			w.Header().Set("Content-Type", a.ContentType)
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body) // the client may be gone
	}
}

// requestOf returns what is asked by an address in the layout of NGINX: of the Service
// Manager without its deployment.
func requestOf(uri string) recordedRequest {
	if uri == "/services" {
		return recordedRequest{serviceManager, serviceManager, uri}
	}
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

// replayNotFound says what GoldenGate does of a resource that is not there.
func replayNotFound(w http.ResponseWriter) {
	p := profileOf(Release26ai)
	e := encoder{numbers: p.numbers}
	e.encode(object{
		{"links", list{}},
		{"messages", list{p.message(message{notFound.code, "ERROR", notFound.title}, time.Now())}},
	})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(notFound.status)
	_, _ = w.Write(e.out.Bytes()) // the client may be gone
}
