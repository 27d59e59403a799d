package collector

import (
	"context"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

const (
	// pollsAtOnce is how many polls of a scrape get answers at once. Each has a goroutine for each
	// request that it could send, whose stacks take more memory than what the poll finds.
	pollsAtOnce = 32
	// A poll that gets no answer for silence waits for the network, and no longer counts. Neither
	// does one that has counted for mostSilences of these, so that whatever answers now and then
	// does not hold up others.
	silence      = 200 * time.Millisecond
	mostSilences = 10
)

// places bounds what the polls of one scrape do at once, each with a Service Manager of its own.
// Whoever waits for GoldenGate has no place, so that one that hangs costs the others nothing.
type places struct{ polls, exports *semaphore.Weighted }

func newPlaces() places {
	return places{semaphore.NewWeighted(pollsAtOnce), semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))}
}

// poll waits until a poll of the client may begin, and returns what to call at its end. It does
// not wait any longer than the scrape.
func (p places) poll(ctx context.Context, client *ogg.Client) (end func()) {
	if p.polls.Acquire(ctx, 1) != nil {
		return func() {}
	}
	end = sync.OnceFunc(func() { p.polls.Release(1) })
	watch(client, client.Answers(), mostSilences, end)
	return end
}

// watch calls end when a poll of the client has got no answer for silence, or has been watched
// long enough.
func watch(client *ogg.Client, before int64, left int, end func()) {
	time.AfterFunc(silence, func() {
		now := client.Answers()
		if now == before || left == 1 {
			end()
			return
		}
		watch(client, now, left-1, end)
	})
}

// export waits until samples may be made, which is a matter of the processor alone, and returns
// what to call then.
func (p places) export(ctx context.Context) (end func()) {
	_ = p.exports.Acquire(context.WithoutCancel(ctx), 1) // which comes soon
	return func() { p.exports.Release(1) }
}
