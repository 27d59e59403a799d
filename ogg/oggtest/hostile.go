package oggtest

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Hostile is something that no GoldenGate does, but whatever answers in its place may do.
// A new one is a constant and a line in behaviors.
type Hostile string

// The hostile behaviors. Those that list something list it under the names that the requested
// resource has.
const (
	HugeName             Hostile = "a huge name"              // lists one item, whose name is 31 MiB
	ManyItems            Hostile = "many items"               // lists 1.5 million items
	ManyEmptyItems       Hostile = "many empty items"         // lists 1.5 million times {}
	Duplicates           Hostile = "duplicates"               // lists 200,000 items of the same name
	Churn                Hostile = "names that change"        // lists 50 items, with new names at each request
	ManyTrails           Hostile = "many trails"              // lists 40,000 trails of the same name, each with its own path
	DeepArrays           Hostile = "deep arrays"              // a response of a million arrays, one in another
	DeepObjects          Hostile = "deep objects"             // the same of 200,000 objects
	HugeTitle            Hostile = "a huge title"             // 500 with a message whose title is 30 MiB
	HugeNumber           Hostile = "a huge number"            // a lag, sequence and offset of a million digits
	Silent               Hostile = "silence"                  // nothing, until the client gives up
	EndlessText          Hostile = "an endless text"          // a string of JSON that never ends
	SwitchingProtocols   Hostile = "101"                      // 101 Switching Protocols, and then silence
	SlowHeader           Hostile = "a slow header"            // a line of the header each second, without end
	SlowDrip             Hostile = "a slow drip"              // a byte of the body each second, without end
	ManyHeaders          Hostile = "many headers"             // 100,000 lines of header
	HugeHeader           Hostile = "a huge header"            // a header of 9 MiB
	EndlessHeader        Hostile = "an endless header"        // a header that never ends
	EndlessInformational Hostile = "endless 1xx"              // 103 Early Hints, again and again
	EchoTitle            Hostile = "echo in the title"        // 400 whose title has the Authorization header
	EchoBody             Hostile = "echo in the body"         // 400 and a page that has it, and the form that was sent
	EchoLocation         Hostile = "echo in the Location"     // a redirect to an address that has it
	EchoName             Hostile = "echo in a name"           // lists an item whose name has it
	ControlCharacters    Hostile = "control characters"       // 500 whose title has line breaks, escapes and HTML
	TitleChurn           Hostile = "titles that change"       // 500 whose title is another one at each request
	ContentLengthLie     Hostile = "a false length"           // promises more bytes than it sends, and waits
	ChunkExtensions      Hostile = "endless chunk extensions" // a chunk whose extension never ends
	EndlessTrailer       Hostile = "an endless trailer"       // trailer fields that never end
	WindowOverflow       Hostile = "an HTTP/2 overflow"       // WINDOW_UPDATE frames that are too large, and then silence (over HTTP/1.1, silence)
)

// Hostiles returns all hostile behaviors, sorted.
func Hostiles() []Hostile {
	all := make([]Hostile, 0, len(behaviors))
	for h := range behaviors {
		all = append(all, h)
	}
	slices.Sort(all)
	return all
}

// Waits reports whether only the client's patience ends an exchange.
func (h Hostile) Waits() bool {
	return slices.Contains([]Hostile{Silent, SlowHeader, SlowDrip, ContentLengthLie, WindowOverflow}, h)
}

// Echoes reports whether the answer has the Authorization header of the request in it.
func (h Hostile) Echoes() bool { return strings.HasPrefix(string(h), "echo ") }

// behaviors are what each of them does.
var behaviors = map[Hostile]func(*peer){
	HugeName: listing(func(w io.Writer, _ *peer, name string) {
		_, _ = fmt.Fprintf(w, `{%q:"`, name)
		repeat(w, "A", 31<<20)
		_, _ = io.WriteString(w, `"}`)
	}),
	ManyItems:      listing(items(1_500_000, func(i int) string { return "E" + strconv.Itoa(i) })),
	ManyEmptyItems: listing(func(w io.Writer, _ *peer, _ string) { repeat(w, "{},", 3*1_500_000); _, _ = io.WriteString(w, "{}") }),
	Duplicates:     listing(items(200_000, func(int) string { return "E" })),
	Churn:          listing(items(50, func(int) string { return "E" + fresh() })),
	ManyTrails: func(p *peer) {
		p.object(http.StatusOK, func(w io.Writer) {
			_, _ = io.WriteString(w, `{"response":{"items":[`)
			for i := range 40_000 {
				_, _ = fmt.Fprintf(w, `{"name":"ea","path":"/x/%d","sequence":1,"offset":1,"sequenceMin":1,"sequenceMax":2},`, i)
			}
			_, _ = io.WriteString(w, `{"name":"eb","path":"/x"}]}}`)
		})
	},
	DeepArrays:  nesting("[", "0", "]", 1_000_000),
	DeepObjects: nesting(`{"response":`, "0", "}", 200_000),
	HugeTitle:   failing(http.StatusInternalServerError, func(w io.Writer, _ *peer) { repeat(w, "T", 30<<20) }),
	HugeNumber: func(p *peer) {
		p.object(http.StatusOK, func(w io.Writer) {
			_, _ = io.WriteString(w, `{"response":{"status":"running","lag":`)
			repeat(w, "9", 1_000_000)
			_, _ = io.WriteString(w, `,"position":{"name":"ea","path":"/x","offset":0,"sequence":`)
			repeat(w, "9", 1_000_000)
			_, _ = io.WriteString(w, `}}}`)
		})
	},
	Silent: func(p *peer) { p.wait(time.Hour) },
	EndlessText: func(p *peer) {
		p.object(http.StatusOK, func(w io.Writer) {
			_, _ = io.WriteString(w, `{"response":{"x":"`)
			repeat(w, "A", 1<<40)
		})
	},
	WindowOverflow: func(p *peer) {
		p.overflow()
		p.wait(time.Hour)
	},
	SwitchingProtocols: raw(func(_ *peer, conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	}),
	SlowHeader: raw(func(p *peer, conn net.Conn) {
		_, _ = io.WriteString(conn, okLine)
		for i := 0; p.wait(time.Second) && p.says(conn, "X-%d: h\r\n", i); i++ {
		}
	}),
	SlowDrip: raw(func(p *peer, conn net.Conn) {
		_, _ = io.WriteString(conn, okLine+"Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
		for p.wait(time.Second) && p.says(conn, " ") {
		}
	}),
	ManyHeaders: raw(func(_ *peer, conn net.Conn) {
		w := bufio.NewWriter(conn)
		_, _ = w.WriteString(okLine)
		for i := range 100_000 {
			_, _ = fmt.Fprintf(w, "X-%d: h\r\n", i)
		}
		_, _ = w.WriteString("Content-Length: 2\r\n\r\n{}")
		_ = w.Flush()
	}),
	HugeHeader: raw(func(_ *peer, conn net.Conn) {
		w := bufio.NewWriter(conn)
		_, _ = w.WriteString(okLine + "X-Huge: ")
		repeat(w, "h", 9<<20)
		_, _ = w.WriteString("\r\nContent-Length: 2\r\n\r\n{}")
		_ = w.Flush()
	}),
	EndlessHeader: raw(func(p *peer, conn net.Conn) {
		value := strings.Repeat("h", 4096)
		_, _ = io.WriteString(conn, okLine)
		for i := 0; p.wait(0) && p.says(conn, "X-%d: %s\r\n", i, value); i++ {
		}
	}),
	EndlessInformational: raw(func(p *peer, conn net.Conn) {
		hint := "</" + strings.Repeat("x", 4096) + ">"
		for p.wait(0) && p.says(conn, "HTTP/1.1 103 Early Hints\r\nLink: %s\r\n\r\n", hint) {
		}
	}),
	ContentLengthLie: raw(func(_ *peer, conn net.Conn) {
		_, _ = io.WriteString(conn, okLine+"Content-Length: 9223372036854775807\r\n\r\n{\"response\":{}}")
		_, _ = io.Copy(io.Discard, conn)
	}),
	ChunkExtensions: raw(func(p *peer, conn net.Conn) {
		extension := strings.Repeat("e", 65536)
		_, _ = io.WriteString(conn, okLine+"Transfer-Encoding: chunked\r\n\r\n1;")
		for p.wait(0) && p.says(conn, "%s", extension) {
		}
	}),
	EndlessTrailer: raw(func(p *peer, conn net.Conn) {
		value := strings.Repeat("t", 4096)
		_, _ = io.WriteString(conn, okLine+"Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\n{}\r\n0\r\n")
		for i := 0; p.wait(0) && p.says(conn, "X-%d: %s\r\n", i, value); i++ {
		}
	}),
	EchoTitle: failing(http.StatusBadRequest, func(w io.Writer, p *peer) {
		text, _ := json.Marshal("The Authorization header is malformed: " + p.Header.Get("Authorization"))
		_, _ = w.Write(text[1 : len(text)-1])
	}),
	EchoBody: func(p *peer) {
		_ = p.ParseForm()
		p.begin(http.StatusBadRequest, http.Header{"Content-Type": {"text/html"}})
		_, _ = fmt.Fprintf(p.writer, "<html><title>Bad request: %s %s</title></html>", p.Header.Get("Authorization"), p.Form.Encode())
	},
	EchoLocation: func(p *peer) {
		p.begin(http.StatusFound, http.Header{"Location": {"/elsewhere?login=" + p.Header.Get("Authorization")}})
	},
	EchoName: listing(func(w io.Writer, p *peer, name string) {
		value, _ := json.Marshal(map[string]string{name: p.Header.Get("Authorization")})
		_, _ = w.Write(value)
	}),
	ControlCharacters: failing(http.StatusInternalServerError, func(w io.Writer, _ *peer) {
		_, _ = io.WriteString(w, `x\nlevel=error msg=\"A FORGED LINE\"\r\n\u001b[31mred\u202e<script>alert(1)</script>\u0000\u0007`)
	}),
	TitleChurn: failing(http.StatusInternalServerError, func(w io.Writer, _ *peer) {
		_, _ = fmt.Fprintf(w, "request %s failed", fresh())
	}),
}

// okLine begins an answer that is written by hand.
const okLine = "HTTP/1.1 200 OK\r\n"

// peer is an exchange with a hostile peer.
type peer struct {
	*http.Request
	writer http.ResponseWriter
	start  func(status int) // is called before an answer starts; may be nil
	done   <-chan struct{}  // closed with the simulation
}

// begin starts an answer.
func (p *peer) begin(status int, header http.Header) {
	if p.start != nil {
		p.start(status)
	}
	maps.Copy(p.writer.Header(), header)
	p.writer.WriteHeader(status)
}

// wait waits, and reports false if the client goes away or the simulation is closed.
func (p *peer) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-p.Context().Done():
	case <-p.done:
	case <-t.C:
		return true
	}
	return false
}

// object answers with JSON.
func (p *peer) object(status int, write func(w io.Writer)) {
	p.begin(status, http.Header{"Content-Type": {"application/json"}})
	w := bufio.NewWriterSize(p.writer, 1<<16)
	write(w)
	_ = w.Flush() // the client may have gone away
}

// says writes to a connection, and reports false if it is closed.
func (*peer) says(conn net.Conn, format string, args ...any) bool {
	_, err := fmt.Fprintf(conn, format, args...)
	return err == nil
}

// connectionKey is the key of the connection in the context of a request.
type connectionKey struct{}

// overflow gives the client more of a window than HTTP/2 allows, on every stream that may be open.
func (p *peer) overflow() {
	conn, ok := p.Context().Value(connectionKey{}).(net.Conn)
	if !ok || p.ProtoMajor != 2 {
		return
	}
	var frames []byte
	for stream := uint32(1); stream < 2000; stream += 2 { // the client ignores those that are not
		frames = append(frames, 0, 0, 4, 8, 0) // length, type and flags of a WINDOW_UPDATE
		frames = binary.BigEndian.AppendUint32(frames, stream)
		frames = binary.BigEndian.AppendUint32(frames, 1<<31-1)
	}
	_, _ = conn.Write(frames) // the client may have gone away
}

// raw lets talk answer on the connection itself, which ends afterwards or with the simulation.
func raw(talk func(*peer, net.Conn)) func(*peer) {
	return func(p *peer) {
		conn, _, err := http.NewResponseController(p.writer).Hijack()
		if err != nil {
			return
		}
		ended := make(chan struct{})
		var closing sync.WaitGroup
		closing.Go(func() {
			select {
			case <-ended:
			case <-p.done:
			}
			_ = conn.Close()
		})
		talk(p, conn)
		close(ended)
		closing.Wait()
	}
}

// listing answers with a list, in which write puts the items.
func listing(write func(w io.Writer, p *peer, name string)) func(*peer) {
	return func(p *peer) {
		p.object(http.StatusOK, func(w io.Writer) {
			list, name := listOf(p.URL.Path)
			_, _ = fmt.Fprintf(w, `{"$schema":"api:standardResponse","response":{%q:[`, list)
			write(w, p, name)
			_, _ = io.WriteString(w, `]}}`)
		})
	}
}

// listOf returns the names of a resource's list and of its items' names.
func listOf(url string) (list, name string) {
	switch base := path.Base(url); {
	case strings.HasSuffix(url, "/installation/deployments"):
		return base, "deploymentName"
	case strings.HasSuffix(url, "/installation/services"):
		return base, "serviceName"
	case strings.HasSuffix(url, "/mpoints/processes"):
		return base, "processName"
	case strings.Contains(url, "/config/health"):
		return "criticalResources", "name"
	default:
		return "items", "name"
	}
}

// items writes that many items with these names.
func items(n int, named func(i int) string) func(w io.Writer, p *peer, name string) {
	return func(w io.Writer, _ *peer, name string) {
		begin := `{"` + name + `":"`
		for i := range n { // without fmt, which would take most of the time of a test
			for _, part := range [...]string{begin, named(i), `"},`} {
				if _, err := io.WriteString(w, part); err != nil {
					return // the client has gone away
				}
			}
		}
		_, _ = fmt.Fprintf(w, `{%q:"LAST"}`, name)
	}
}

// nesting answers with a response that is n levels deep.
func nesting(open, inside, end string, n int) func(*peer) {
	return func(p *peer) {
		p.object(http.StatusOK, func(w io.Writer) {
			_, _ = io.WriteString(w, `{"response":`)
			repeat(w, open, n*len(open))
			_, _ = io.WriteString(w, inside)
			repeat(w, end, n*len(end))
			_, _ = io.WriteString(w, "}")
		})
	}
}

// failing answers with an error, whose title is what write puts there.
func failing(status int, write func(w io.Writer, p *peer)) func(*peer) {
	return func(p *peer) {
		p.object(status, func(w io.Writer) {
			_, _ = io.WriteString(w, `{"messages":[{"code":"OGG-12061","severity":"ERROR","title":"`)
			write(w, p)
			_, _ = io.WriteString(w, `"}]}`)
		})
	}
}

// repeat writes n bytes of a text over and over, or less if the client has gone away.
func repeat(w io.Writer, text string, n int) {
	chunk := strings.Repeat(text, cmp.Or(min(n, 1<<16)/len(text), 1))
	for ; n > 0; n -= len(chunk) {
		if _, err := io.WriteString(w, chunk[:min(n, len(chunk))]); err != nil {
			return
		}
	}
}

// fresh returns a name that was never used, of letters alone.
func fresh() string {
	text := make([]byte, 12)
	for i := range text {
		text[i] = 'a' + byte(rand.IntN(26)) //nolint:gosec // no secret
	}
	return string(text)
}
