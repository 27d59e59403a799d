package ogg

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// ReceiverPath is one path of the Receiver Service as a poll found it. Before 19c only its
// status is reported.
type ReceiverPath struct {
	Path
	// TargetInitiated is whether the Receiver Service started the path; nil if not reported (before
	// 23ai), or not read yet.
	TargetInitiated *bool
	// ReceiverCounters are those of the Performance Metrics Service. Where that is down or absent,
	// the Receiver Service itself has the numbers of messages.
	ReceiverCounters

	// detail is what GET /targets/{p} said in this poll; nil if it was not asked.
	detail *pathDetail
}

// ReceiverCounters count what a path received and wrote.
type ReceiverCounters struct {
	NetworkCounters
	ReceiverWork
}

// ReceiverWork is what only the Receiver Service counts.
type ReceiverWork struct {
	// BytesWritten counts the bytes written to the trail.
	BytesWritten wire.Number `json:"totalBytesWritten"`
	Commands     wire.Number `json:"totalCommands"`
	// Sends and Receives count operations on the network, not messages.
	Sends    wire.Number `json:"totalSends"`
	Receives wire.Number `json:"totalReceives"`
	// LastData and LastCommand are when data and a command last arrived; zero if none did.
	LastData    wire.Timestamp `json:"lastDataTimestamp"`
	LastCommand wire.Timestamp `json:"lastCommandTimestamp"`
}

// receiverStatistics is an entry of GET /mpoints/{p}/recvsrvrStats (all releases; role User).
// Later releases report the path's name in an undocumented member. 12.3 reports only addresses
// and files, none of which is known to identify a path. The unit of its times is not documented, and
// taken to be microseconds.
type receiverStatistics struct {
	PathName string `json:"pathName"`
	Name     string `json:"name"`
	NetworkTraffic
	SendWait    wire.Number `json:"totalSendWaitTime"`
	ReceiveWait wire.Number `json:"totalReceiveWaitTime"`
	ReceiverWork
}

func (s receiverStatistics) counters() ReceiverCounters {
	return ReceiverCounters{NetworkCounters{s.NetworkTraffic, s.SendWait.Per(1e6), s.ReceiveWait.Per(1e6)}, s.ReceiverWork}
}

// The routes of a path that releases before 19c lack, and later ones have at least for paths
// that the Receiver Service initiates. Once all paths have answered 404, they are requested again
// after growing waits, and at once when the service restarts or lists other paths.
const (
	targetInfo        = "/targets/" + anyPath + "/info"
	targetCheckpoints = "/targets/" + anyPath + "/checkpoints"
)

// readReceiverPaths lists the paths and reads the info and the checkpoints of each if the
// release has them: 1 + 2T requests, before 19c 1, and 1 to the Performance Metrics Service for
// the counters of all paths. If the list does not report a path's status (before 21.3), it
// takes one more request per path, otherwise one per path and hour, and when the path or the service
// has started anew or its status is another, for where the path comes from and leads to. Without the
// Performance Metrics Service it takes another one.
func readReceiverPaths(ctx context.Context, v *visit) ([]*ReceiverPath, bool, error) {
	recv := v.asks("recvsrvr")
	if recv == nil {
		return nil, false, nil
	}
	items, listErr := listPaths(ctx, v, recv, "/targets")
	paths := make([]*ReceiverPath, len(items))
	for i, item := range items {
		paths[i] = &ReceiverPath{Path: Path{Name: item.Name, Status: item.Status}}
	}
	if listErr == nil || len(paths) > 0 {
		wire.Remembered[targetMemory](v.memory).keep(targetNames(v, paths))
	}
	if len(paths) == 0 {
		return nil, true, listErr
	}
	stats := askMonitor(ctx, v, "recvserver", readReceiverStats)
	pathsErr := readTargets(ctx, v, recv, paths, stats)
	for _, p := range paths {
		if reported, ok := stats.reported[p.Name]; ok {
			p.ReceiverCounters, p.CountersSince = reported.counters(), stats.since
		}
	}
	return paths, true, wire.Join(listErr, pathsErr, stats.err)
}

// readTargets reads what is not yet known about each path, and waits for the figures of the
// Performance Metrics Service about all of them.
func readTargets(ctx context.Context, v *visit, recv *rest.Endpoint, paths []*ReceiverPath, stats *monitorReply[map[string]receiverStatistics]) error {
	patience, cancel := rest.ShareOf(ctx, 2)
	defer cancel()
	errs := make([]error, len(paths))
	recv.OnEach(errs, func(i int) error { return paths[i].readStatus(ctx, recv) })
	onEachIfPresent(recv, targetInfo, errs, func(i int) error {
		return paths[i].readInfo(ctx, recv, "/targets/"+rest.Segment(paths[i].Name))
	})
	onEachIfPresent(recv, targetCheckpoints, errs, func(i int) error {
		return paths[i].readCheckpoints(ctx, recv, "/targets/"+rest.Segment(paths[i].Name))
	})
	wire.Remembered[targetMemory](v.memory).fill(ctx, v, recv, paths, errs)
	var own []targetStats
	if !stats.within(patience) || !stats.up {
		own = readPathStats[targetStats](ctx, recv, targetStatsRoute, errs, func(i int) string { return paths[i].Name })
	}
	if <-stats.answered; !stats.up {
		for i, s := range own {
			paths[i].MessagesSent, paths[i].MessagesReceived = s.Network.MessagesSent, s.Network.MessagesReceived
		}
	}
	return wire.Summarize(errs, "receiver paths")
}

// readStatus reads GET /targets/{p} (all releases; role User) if the list has no status.
func (p *ReceiverPath) readStatus(ctx context.Context, recv *rest.Endpoint) error {
	if p.Status != "" {
		return nil
	}
	detail, err := readDetail(ctx, recv, "/targets/"+rest.Segment(p.Name))
	p.Status, p.detail = strings.ToLower(detail.Status), &detail
	return err
}

// targetMemory keeps where the paths come from and lead to.
type targetMemory struct{ slowFacts[pathFacts] }

// fill fills in where the paths come from and lead to, and asks for those where nobody has in this
// poll if that is due. That a path has no detail is no failure: it may have gone with its sender.
func (m *targetMemory) fill(ctx context.Context, v *visit, recv *rest.Endpoint, paths []*ReceiverPath, errs []error) {
	var lacking []*ReceiverPath
	for i, n := range targetNames(v, paths) {
		if p := paths[i]; p.detail == nil {
			lacking = append(lacking, p)
		} else {
			before, _, _ := m.get(n.name)
			m.learn(v, n, p.detail.facts(before), detailsEvery)
		}
	}
	how := slowTerms{what: "receiver path", interval: detailsEvery, service: recv}
	m.read(ctx, v, how, targetNames(v, lacking), func(ctx context.Context, path string, before pathFacts) (pathFacts, error) {
		detail, err := readDetail(ctx, recv, "/targets/"+rest.Segment(path))
		if rest.IsNotFound(err) {
			err = nil
		}
		return detail.facts(before), err
	})
	for i, p := range paths {
		known, _, err := m.get(p.Name)
		if p.detail == nil {
			errs[i] = wire.Join(errs[i], err)
		}
		p.TargetInitiated, p.Source, p.Target = known.initiated, known.source, known.target
	}
}

// targetNames returns the names of paths, with their states.
func targetNames(v *visit, paths []*ReceiverPath) []slowName {
	names := make([]slowName, len(paths))
	for i, p := range paths {
		names[i] = slowName{p.Name, v.stateOf("recvsrvr", p.Started, p.Status)}
	}
	return names
}

// readReceiverStats reads what the Performance Metrics Service reports about the paths, by name.
// Neither a name in each entry nor the list is documented as required: what lacks them is no
// failure, and its counters are missing.
func readReceiverStats(ctx context.Context, pm *monitor, service *Monitored) (map[string]receiverStatistics, error) {
	response, err := point[struct {
		Stats []receiverStatistics `json:"recvsrvrStats"`
	}](ctx, pm, service, "recvsrvrStats")
	if response == nil {
		return nil, err
	}
	name := func(e receiverStatistics) string { return cmp.Or(e.PathName, e.Name) }
	return byPath(slices.DeleteFunc(response.Stats, func(e receiverStatistics) bool { return name(e) == "" }), name)
}
