package status

import "github.com/ogg-exporter/ogg_exporter/ogg"

// dataStreamRow returns the row of a data stream.
func (p *place) dataStreamRow(of *ogg.DataStream) Row {
	r := p.row(dataStream, of.Name, of.Status, onDataStream(of))
	r.LagSeconds, r.Started = seconds(of.Lag), started(of.Started)
	return r
}

// dataStream is the program of data streams.
const dataStream = "data_stream"

// onDataStream returns the verdict on a data stream. Whether it runs is up to whoever subscribes to it,
// and nothing alerts on it.
func onDataStream(of *ogg.DataStream) verdict {
	switch of.Status {
	case "":
		return verdict{Unknown, "GoldenGate does not report its state"}
	case "running", "starting":
		return fine
	case "abended", "killed":
		return verdict{Problem, is(of.Status)}
	default:
		return verdict{Off, is(of.Status)}
	}
}
