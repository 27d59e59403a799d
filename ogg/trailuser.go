package ogg

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// trailUsers are the names of the processes that use a trail. They only confirm what is known from
// elsewhere: a list of another form than documented has none.
type trailUsers []string

// maxTrailUsers is how many processes are read that use one trail.
const maxTrailUsers = 1000

// UnmarshalJSONFrom reads the array of references.
func (u *trailUsers) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*u = nil
	value, err := in.ReadValue()
	if err != nil {
		return err
	}
	var references []struct {
		Name string `json:"processName"`
	}
	if json.Unmarshal(value, &references, wire.Lenient) != nil || len(references) > maxTrailUsers {
		return nil //nolint:nilerr // see above
	}
	for _, r := range references {
		if r.Name != "" && len(r.Name) <= wire.MaxText {
			*u = append(*u, r.Name)
		}
	}
	return nil
}
