package ogg

import (
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// port is the TCP port that a service listens on; 0 is none. GoldenGate writes
// serviceListeningPort as an integer, as a string (digits or a port's name), as
// an object {address, port}, and as an array of such objects; of several the
// first counts. The address is where the service listens and not a host to call.
type port int

// UnmarshalJSON reads the forms that the type's comment names; anything else is
// an error.
func (p *port) UnmarshalJSON(data []byte) error {
	*p = 0
	switch data[0] {
	case 'n':
		return nil
	case '[':
		var list []port
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		for _, *p = range list {
			if *p != 0 {
				break
			}
		}
		return nil
	case '{':
		var listener struct{ Port json.RawMessage }
		if err := json.Unmarshal(data, &listener); err != nil || len(listener.Port) == 0 {
			return err
		}
		if first := listener.Port[0]; first == '{' || first == '[' {
			return fmt.Errorf("a port within a listener cannot be an %s", kindOf(listener.Port))
		}
		return p.UnmarshalJSON(listener.Port)
	default:
		return p.parse(strings.Trim(string(data), `"`))
	}
}

// parse reads the digits or the name of a port.
func (p *port) parse(text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n, err = net.LookupPort("tcp", text) //nolint:noctx // a look into the table of port names
	}
	if err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%.40q is not a port", text)
	}
	*p = port(n)
	return nil
}
