package rest

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestFileHangs: those who need a file that cannot be read leave when their context ends. They
// share one attempt, and the next ones are rare. When the file can be read again, it is.
func TestFileHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opened atomic.Int64
		released := make(chan struct{})
		f := &fileReader{open: func(string) ([]byte, error) {
			opened.Add(1)
			<-released
			return []byte("secret\n"), nil
		}}
		password := f.secretOf("", "/hung/password")
		for range 100 { // 150 s
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			begin := time.Now()
			_, err := password.Fetch(ctx)
			if path, is := errors.AsType[*fs.PathError](err); !is || path.Path != "/hung/password" || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(begin); took != 1500*time.Millisecond {
				t.Errorf("took %s", took)
			}
			cancel()
		}
		if n := opened.Load(); n != 4 { // after 0, 10, 30 and 70 s
			t.Errorf("%d attempts", n)
		}
		close(released)
		if text, err := password.Fetch(t.Context()); text != "secret" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
	})
}

// TestFileHangsRejection: a rejection stays in force while nobody knows whether the password has
// changed, and finding out takes no time that counts.
func TestFileHangsRejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs, released := atomic.Bool{}, make(chan struct{})
		f := &fileReader{open: func(string) ([]byte, error) {
			if hangs.Load() {
				<-released
			}
			return []byte("wrong"), nil
		}}
		a := newAccount(keeper{time.Now, slog.New(slog.DiscardHandler), nil, "", &secrets{[]*file{f.of("/hung/password")}}})
		sent := a.secrets.version(t.Context())
		hangs.Store(true)
		a.reject(&pass{sent: sent}, &APIError{StatusCode: 401})
		begin := time.Now()
		for range 50 {
			if a.holdBack() == nil {
				t.Error("not held back")
			}
		}
		if took := time.Since(begin); took != fileSoon {
			t.Errorf("took %s", took)
		}
		close(released)
	})
}

// TestFileWithoutDescriptor: idle connections make way for a file.
func TestFileWithoutDescriptor(t *testing.T) {
	t.Parallel()
	free := false
	f := &fileReader{
		open: func(string) ([]byte, error) {
			if !free {
				return nil, syscall.EMFILE
			}
			return []byte("secret"), nil
		},
		relieve: func() { free = true },
	}
	if text, err := f.of("/password").read(t.Context()); text != "secret" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}
