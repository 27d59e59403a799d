package server

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// GuardWebFiles lets a server take no request while check fails: exporter-toolkit reads the files
// of --web.config.file at each request and handshake, and for ever if one has become a pipe or a
// device. What calls the hook for a request recovers from http.ErrAbortHandler and closes the connection.
func GuardWebFiles(s *http.Server, check func() error, log *slog.Logger) {
	next, seldom := s.ConnState, wire.NewSeldom[string](time.Now)
	s.ConnState = func(conn net.Conn, state http.ConnState) {
		if next != nil {
			next(conn, state)
		}
		if state != http.StateNew && state != http.StateActive {
			return
		}
		err := check()
		if err == nil {
			return
		}
		if seldom.May(err.Error()) {
			log.Error("Closing connections without an answer", "err", err)
		}
		if state == http.StateActive {
			panic(http.ErrAbortHandler)
		}
		if secured, is := conn.(*tls.Conn); is {
			conn = secured.NetConn()
		}
		_ = conn.Close()
	}
}
