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
	// does one that has counted for longestPlace, or for so long that not all could begin within
	// 1/beginShare of the scrape's time, which is usualTime if it has no deadline: what answers now
	// and then, or is far away, waits for the network too, and must not hold up others.
	silence      = 200 * time.Millisecond
	longestPlace = 2 * time.Second
	beginShare   = 8
	usualTime    = 10 * time.Second
)

// places bounds what the polls of one scrape do at once, each with a Service Manager of its own.
// Whoever waits for GoldenGate has no place, so that one that hangs costs the others nothing.
type places struct {
	polls, exports *semaphore.Weighted
	longest        time.Duration // that a poll counts
}

// newPlaces returns the places of a scrape with n polls.
func newPlaces(ctx context.Context, n int) places {
	left := usualTime
	if deadline, is := ctx.Deadline(); is {
		left = time.Until(deadline)
	}
	waits := max(1, (n-1)/pollsAtOnce) // of the last poll
	longest := min(left/beginShare/time.Duration(waits), longestPlace)
	return places{semaphore.NewWeighted(pollsAtOnce), semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))), longest}
}

// poll waits until a poll of the client may begin, and returns what to call at its end. It does
// not wait any longer than the scrape.
func (p places) poll(ctx context.Context, client *ogg.Client) (end func()) {
	if p.polls.Acquire(ctx, 1) != nil {
		return func() {}
	}
	end = sync.OnceFunc(func() { p.polls.Release(1) })
	watch(client, client.Answers(), p.longest, end)
	return end
}

// watch calls end when a poll of the client has got no answer for silence, or no time is left to it.
func watch(client *ogg.Client, before int64, left time.Duration, end func()) {
	wait := min(left, silence)
	time.AfterFunc(wait, func() {
		now := client.Answers()
		if now == before || left == wait {
			end()
			return
		}
		watch(client, now, left-wait, end)
	})
}

// export waits until samples may be made, which is a matter of the processor alone, and returns
// what to call then.
func (p places) export(ctx context.Context) (end func()) {
	_ = p.exports.Acquire(context.WithoutCancel(ctx), 1) // which comes soon
	return func() { p.exports.Release(1) }
}
