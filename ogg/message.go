package ogg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// OtherCodes is the name for the sum of the messages whose code has no count of its own.
const OtherCodes = "other"

// Messages are counts of what the processes and services of a deployment have logged since the
// client began to count: what was logged before is not known. The counts begin anew when the
// numbers of the messages do.
type Messages struct {
	Since wire.Timestamp
	// Severities has a count for each of info, warning, error and unknown.
	Severities map[string]float64
	// Codes has counts of the codes that were the most frequent when they were first met, and
	// OtherCodes; nil unless they are counted.
	Codes map[string]float64
}

const (
	// messagesEvery is after which time the service is asked for the number of its latest message
	// in any case: that no listed process has logged anything does not prove that nothing was.
	messagesEvery = 5 * time.Minute
	// mostMessages is how many messages a poll asks for. The next ones go on from there.
	mostMessages = 1000
	// mostCodes is how many codes have counts of their own.
	mostCodes = 50
)

// messageMemory is what was counted, and up to which message.
type messageMemory struct {
	reading sync.Mutex // held by the poll that reads. Other polls use what is known.
	last    float64    // number of the latest message that is counted
	heard   float64    // number up to which the service was asked
	checked time.Time  // when it was last asked for the number of its latest message
	service int64      // when it started, as far as that was known then

	mu      sync.Mutex
	counted *Messages // nil before the first read; not changed, but replaced
	err     error     // of the latest read
}

// readMessages counts the messages that GET /monitoring/messages?fromID=…&limit=… has since the
// last poll (all releases; role User): at most 1,000 in a poll, and no request if the list of
// processes shows that there are none. GET /monitoring/lastMessageId is read first, every 5 minutes,
// and when the service has started: the count begins with the message that it names, and begins
// anew if that is one from before. Nothing is kept of a message but its severity and its code.
//
// That the messages come in the order of their numbers, and that fromID is the first of them or the
// one before, is inferred.
func readMessages(ctx context.Context, v *visit) (*Messages, bool, error) {
	pm := v.asks("pmsrvr")
	if pm == nil {
		return nil, false, nil
	}
	memory := wire.Remembered[messageMemory](v.memory)
	memory.refresh(ctx, v, pm)
	counted, err := memory.known()
	return counted, counted != nil || err != nil, err
}

// known returns what was counted, and what failed in the latest read.
func (m *messageMemory) known() (*Messages, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counted, m.err
}

// refresh counts what is new, unless the poll is hurried, or another one is reading.
func (m *messageMemory) refresh(ctx context.Context, v *visit, pm *rest.Endpoint) {
	if v.hurried || !m.reading.TryLock() {
		return
	}
	defer m.reading.Unlock()
	within, odd := rest.WithOddities(ctx)
	counted, err := m.read(within, v, pm)
	if errors.Is(context.Cause(ctx), context.Canceled) {
		err = nil
	} else {
		err = wire.Join(err, odd.Err())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counted, m.err = counted, err
}

// read returns what is counted with what is new. The caller holds m.reading.
func (m *messageMemory) read(ctx context.Context, v *visit, pm *rest.Endpoint) (*Messages, error) {
	counted, _ := m.known()
	shown, isOff, err := newestShown(ctx, v)
	if isOff {
		return counted, err
	}
	newest, err := m.newest(ctx, v, pm, shown, counted != nil)
	if err != nil || newest == nil {
		return counted, err
	}
	if counted == nil || *newest < m.last {
		counted, m.last, m.heard = newMessages(v.options), *newest, *newest
	}
	if *newest <= max(m.last, m.heard) && !rest.IsTraced(ctx) {
		return counted, nil
	}
	entries, oddErr := listMessages(ctx, pm, m.last)
	if oddErr != nil && !rest.IsOdd(oddErr) {
		return counted, oddErr
	}
	if m.heard = *newest; math.IsInf(*newest, 1) || len(entries) >= mostMessages {
		m.heard = 0 // there may be more
	}
	counted, err = m.count(counted, entries, v.options)
	return counted, wire.Join(err, oddErr)
}

// newest returns the number of the newest message, infinite if nothing says which that is; nil if the
// service has none. If it is less than that of the last one, the numbers have begun anew.
func (m *messageMemory) newest(ctx context.Context, v *visit, pm *rest.Endpoint, shown float64, counts bool) (*float64, error) {
	now, service := v.options.Now(), v.starts.of(v.deployment, "pmsrvr")
	if counts && now.Sub(m.checked) < messagesEvery && !differ(service, m.service) && !rest.IsTraced(ctx) {
		if shown == 0 { // the list does not show it
			return new(math.Inf(1)), nil
		}
		return new(max(shown, m.last)), nil
	}
	response, err := rest.GetIfPresent[lastMessage](ctx, pm, "/monitoring/lastMessageId")
	if response == nil {
		return nil, err
	}
	id, known := response.ID.Value()
	if !known {
		return nil, &BodyError{URL: pm.Base() + "/monitoring/lastMessageId", Got: "an answer without lastId"}
	}
	m.checked, m.service = now, cmp.Or(service, m.service)
	if id < m.heard { // an earlier answer named a message that there was not
		m.heard = 0
	}
	return &id, nil
}

// newestShown returns the largest number of a message in the list of processes; 0 if nobody else
// reads that in the poll, or if it has none. It reports whether the list could not be read, and then
// nothing else can; why is for the collector performance to report, if that is read.
func newestShown(ctx context.Context, v *visit) (newest float64, isOff bool, err error) {
	if !slices.ContainsFunc([]string{"performance", "heartbeat", "table", "distribution_path", "receiver_path"}, v.reads) {
		return 0, false, nil
	}
	pm, err := monitorOf(ctx, v)
	if err == nil || len(pm.processes) > 0 {
		return pm.newestMessage, false, nil
	}
	if v.reads("performance") {
		err = nil
	}
	return 0, true, err
}

// lastMessage is what GET /monitoring/lastMessageId returns.
type lastMessage struct {
	ID wire.Number `json:"lastId"`
}

// messageList is what GET /monitoring/messages returns. The documentation has the list, and an
// example with a single message in its place.
type messageList struct {
	Messages []messageEntry `json:"message"`
	messageEntry
}

// messageEntry is the needed part of a message.
type messageEntry struct {
	ID       wire.Number `json:"identifier"`
	Code     string      `json:"code"`
	Severity string      `json:"severity"`
}

// listMessages reads GET /monitoring/messages from a number on. No response is none.
func listMessages(ctx context.Context, pm *rest.Endpoint, from float64) ([]messageEntry, error) {
	route := "/monitoring/messages?fromID=" + strconv.FormatFloat(from, 'f', 0, 64) + "&limit=" + strconv.Itoa(mostMessages)
	list, err := rest.GetWhole[messageList](ctx, pm, route)
	if errors.Is(err, rest.ErrNoResponse) {
		return nil, nil
	}
	if list.ID.Known() {
		list.Messages = append(list.Messages, list.messageEntry)
	}
	return list.Messages, withoutValues(err)
}

// newMessages returns counts of no message yet.
func newMessages(o Options) *Messages {
	counts := &Messages{Since: wire.TimestampOf(o.Now()), Severities: map[string]float64{"info": 0, "warning": 0, "error": 0, "unknown": 0}}
	if o.MessageCodes {
		counts.Codes = map[string]float64{}
	}
	return counts
}

// count returns the counts with the messages that are newer than the last one. A message without a
// number may have been counted before.
func (m *messageMemory) count(before *Messages, entries []messageEntry, o Options) (*Messages, error) {
	counts := &Messages{Since: before.Since, Severities: maps.Clone(before.Severities), Codes: maps.Clone(before.Codes)}
	last, lost := m.last, 0
	seen, codes := map[float64]bool{}, map[string]float64{}
	for _, e := range entries {
		id, known := e.ID.Value()
		switch {
		case !known:
			lost++
		case id > last && !seen[id]:
			seen[id] = true
			m.last = max(m.last, id)
			counts.Severities[e.severity()]++
			codes[e.code()]++
		}
	}
	if o.MessageCodes {
		counts.add(codes)
	}
	if lost > 0 {
		return counts, fmt.Errorf("%d messages without an identifier", lost)
	}
	return counts, nil
}

// add adds to the counts by code. The most frequent new ones get counts of their own while there is
// room, and keep them, so that no count ever decreases.
func (c *Messages) add(codes map[string]float64) {
	names := slices.SortedFunc(maps.Keys(codes), func(a, b string) int {
		return cmp.Or(cmp.Compare(codes[b], codes[a]), cmp.Compare(a, b))
	})
	own := len(c.Codes)
	if _, has := c.Codes[OtherCodes]; has {
		own--
	}
	for _, name := range names {
		_, known := c.Codes[name]
		switch {
		case known || name == OtherCodes:
			c.Codes[name] += codes[name]
		case own < mostCodes:
			own++
			c.Codes[name] = codes[name]
		default:
			c.Codes[OtherCodes] += codes[name]
		}
	}
}

// severity returns the severity in lower case. GoldenGate's words, of which only GGInfo is
// documented, are GGInfo, GGWarning and GGError.
func (e messageEntry) severity() string {
	severity := strings.TrimPrefix(strings.ToLower(e.Severity), "gg")
	if slices.Contains([]string{"info", "warning", "error"}, severity) {
		return severity
	}
	return "unknown"
}

var codePattern = regexp.MustCompile(`^OGG-\d{4,5}$`)

// code returns the code, or OtherCodes if it does not look like one.
func (e messageEntry) code() string {
	if codePattern.MatchString(e.Code) {
		return e.Code
	}
	return OtherCodes
}
