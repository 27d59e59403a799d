package oci

import (
	"sync/atomic"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// maxWorkers is how many objects of a list are under way at most. They wait for slots, and while
// they wait to retry they have none.
const maxWorkers = 64

// onEach calls read with each index up to n, with at most maxWorkers calls at a time.
func onEach(n int, read func(i int)) {
	var next atomic.Int64
	var group wire.Group
	for range min(n, maxWorkers) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				read(i)
			}
		})
	}
	group.Wait()
}
