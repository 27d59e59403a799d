package ogg

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// port is the TCP port that a service listens on; 0 is none. GoldenGate reports
// serviceListeningPort as an integer, a string (digits or a port name), an object {address,
// port}, or an array of such objects, of which the first counts. The address is only what the
// service listens on, which may be unreachable from here.
type port int

// UnmarshalJSONFrom reads the documented forms; anything else is an error.
func (p *port) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*p = 0
	switch in.PeekKind() {
	case jsontext.KindBeginArray:
		var list []port
		if err := json.UnmarshalDecode(in, &list, wire.Lenient); err != nil {
			return err
		}
		for _, *p = range list {
			if *p != 0 {
				break
			}
		}
		return nil
	case jsontext.KindBeginObject:
		var listener struct{ Port plainPort }
		err := json.UnmarshalDecode(in, &listener, wire.Lenient)
		*p = port(listener.Port)
		return err
	default:
		return (*plainPort)(p).UnmarshalJSONFrom(in)
	}
}

// portNames looks names of ports up in the table of the host, without the C library.
var portNames = net.Resolver{PreferGo: true}

// plainPort is a port without an address.
type plainPort port

// UnmarshalJSONFrom reads a number, a string or null.
func (p *plainPort) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	kind := in.PeekKind()
	if kind != jsontext.KindNumber && kind != jsontext.KindString {
		if err := in.SkipValue(); err != nil || kind == jsontext.KindNull {
			return err
		}
		return wire.ErrType
	}
	token, err := in.ReadToken()
	if err != nil {
		return err
	}
	return p.parse(token.String())
}

// parse reads the digits or the name of a port.
func (p *plainPort) parse(text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n, err = portNames.LookupPort(context.Background(), "tcp", text) //nolint:forbidigo // a table in memory, or a small file
	}
	if err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%.40q is not a port", text)
	}
	*p = plainPort(n)
	return nil
}
