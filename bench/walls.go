package main

import "context"

// walls are how long, in seconds, a scrape took, and the least requests that it needs by a bare
// client: with one for each login ahead of the others, and without.
type walls struct {
	requests                 []Request
	exporter, checked, plain values
}

// ratio compares the exporter with the bare client that checks the login, too.
func (w walls) ratio() float64 {
	var ratios values
	for i := range w.exporter {
		ratios = append(ratios, w.exporter[i]/w.checked[i])
	}
	return ratios.median()
}

// compareWalls lets the exporter and the bare clients take n turns.
func (b *bench) compareWalls(ctx context.Context, s scope, f *fleet, e *exporter, concurrency, n int) (walls, error) {
	requests, err := f.least(s)
	if err != nil {
		return walls{}, err
	}
	bare, err := startClient(ctx, f)
	if err != nil {
		return walls{}, err
	}
	defer bare.end()
	if err := e.warm(ctx, s.path); err != nil {
		return walls{}, err
	}
	w := walls{requests: requests}
	if _, err := bare.wall(stepsOf(requests), concurrency); err != nil { // opens the connections
		return w, err
	}
	for range b.times(n) {
		x, err := e.scrape(ctx, s.path, patience)
		if err != nil {
			return w, err
		}
		checked, err := bare.wall(withLoginCheck(requests), concurrency)
		if err != nil {
			return w, err
		}
		plain, err := bare.wall(stepsOf(requests), concurrency)
		if err != nil {
			return w, err
		}
		w.exporter, w.checked, w.plain = append(w.exporter, x.took.Seconds()), append(w.checked, checked), append(w.plain, plain)
	}
	return w, nil
}
