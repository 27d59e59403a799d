package config

import (
	"bytes"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// A file of a few hundred bytes may stand for more values than any memory holds, because aliases
// and merges repeat others that do the same. A file of 16 MiB may itself hold so many that the
// parser takes gigabytes.
const (
	// maxValues is how many values a file may have. 10,000 Service Managers have about 200,000.
	maxValues = 1_000_000
	// maxWork is how many are decoded at most, those included that are repeated.
	maxWork = 2 * maxValues
	// maxMerging is how deep merged mappings may merge others.
	maxMerging = 100
	// maxKey is how long a key may be, in bytes: it is part of the field path of all values below.
	maxKey = 256
	// maxDepth is how deep values may be nested where anything is allowed.
	maxDepth = 1000
)

// tooManyValues reports whether a text may have more than maxValues, without parsing it: what
// separates values stands around each.
func tooManyValues(text []byte) bool {
	n := 1
	for _, separator := range []string{"\n", ",", ": ", "[", "{", "- ", "? ", "\t"} {
		n += bytes.Count(text, []byte(separator))
	}
	return n > maxValues
}

// work counts what decoding costs.
type work int

// spend counts one value, with a text of this length, and reports whether it may be decoded.
func (w *work) spend(length int) bool {
	if *w <= maxWork {
		*w += 1 + work(length/100)
	}
	return !w.exhausted()
}

// spendOn counts a value and all below it, with aliases resolved.
func (w *work) spendOn(n *yaml.Node, depth int) bool {
	if n = target(n); depth > maxDepth {
		*w = maxWork + 1
	}
	for i := 0; i < len(n.Content) && w.spend(len(n.Content[i].Value)); i++ {
		w.spendOn(n.Content[i], depth+1)
	}
	return !w.exhausted()
}

// target resolves an alias.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// spendOnCopy counts what a copy of the settings of a client takes.
func (w *work) spendOnCopy(c promconfig.HTTPClientConfig) bool {
	n := len(c.ProxyConnectHeader)
	if c.HTTPHeaders != nil {
		n += len(c.HTTPHeaders.Headers)
	}
	if o := c.OAuth2; o != nil {
		n += len(o.Claims) + len(o.Scopes) + len(o.EndpointParams) + len(o.ProxyConnectHeader)
	}
	*w += work(n)
	return !w.exhausted()
}

// exhausted reports whether the values were too many.
func (w *work) exhausted() bool { return *w > maxWork }
