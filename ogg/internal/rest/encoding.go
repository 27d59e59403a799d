package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// gzipReaders is a pool of reused readers.
type gzipReaders struct{ pool sync.Pool } // of *gzip.Reader

// source is the body of an answer without its Content-Encoding.
type source struct {
	io.Reader
	// length is how long it will be; -1 if unknown.
	length int64
	// mayEndEarly is true if the end of the connection is the end of the body, so that only
	// the body itself shows whether it is complete.
	mayEndEarly bool
	body        io.Closer        // ends a Read that waits
	gzip        *gzip.Reader     // to be reused; nil if it is none
	small       io.LimitedReader // its beginning
}

// decompress returns the body of an answer, which may be in gzip. The compressed body is
// limited, too: gzip may be long and yield nothing.
func (r *gzipReaders) decompress(answer *http.Response) (*source, error) {
	s := &source{Reader: answer.Body, length: answer.ContentLength, body: answer.Body}
	s.mayEndEarly = answer.ContentLength < 0 && answer.ProtoMajor == 1 && answer.TransferEncoding == nil
	encoding := strings.Join(answer.Header.Values("Content-Encoding"), ", ")
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return s, nil
	case "gzip", "x-gzip":
	default:
		return nil, &BodyError{Got: fmt.Sprintf("a body with Content-Encoding %q; gzip was asked for", wire.OneLine(encoding))}
	}
	z, ok := r.pool.Get().(*gzip.Reader)
	if !ok {
		z = &gzip.Reader{}
	}
	s.Reader, s.gzip, s.length, s.mayEndEarly = z, z, -1, false
	err := z.Reset(http.MaxBytesReader(nil, answer.Body, maxBody))
	if errors.Is(err, io.EOF) { // an empty body
		s.Reader, err = bytes.NewReader(nil), nil
	}
	return s, bodyError(0, err)
}

// done has what the source needed reused.
func (r *gzipReaders) done(s *source) {
	if s.gzip != nil {
		r.pool.Put(s.gzip)
	}
}

// isCutOff reports whether the body is the beginning of a JSON object.
func isCutOff(body []byte) bool {
	body = bytes.TrimSpace(body)
	return bytes.HasPrefix(body, []byte("{")) && !bytes.HasSuffix(body, []byte("}"))
}

// bodyError returns the error of a body that could not be read to its end.
func bodyError(size int, err error) error {
	switch {
	case err == nil, isA[*BodyError](err):
		return err
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), isA[flate.CorruptInputError](err):
		return &BodyError{Got: "a body that is not gzip, as its Content-Encoding says", Err: err}
	case isA[*http.MaxBytesError](err):
		return &BodyError{Got: fmt.Sprintf("a body of more than %d MiB", maxBody>>20), large: true}
	default:
		return &BodyError{Got: fmt.Sprintf("%d bytes, then the connection failed", size), Err: err, broken: true}
	}
}
