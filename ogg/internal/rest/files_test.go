package rest

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/files"
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
		sent := a.secrets.version(nil, fileSoon)
		hangs.Store(true)
		a.reject(&pass{sent: sent}, &APIError{StatusCode: 401})
		begin := time.Now()
		for range 50 {
			if a.holdBack() == nil {
				t.Error("not held back")
			}
		}
		if took := time.Since(begin); took != fileAtOnce {
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

// TestFileOnce: requests read no file. A file is read in each poll, and in one that lasts, once a
// second.
func TestFileOnce(t *testing.T) {
	ca := certificateOf(t)
	synctest.Test(t, func(t *testing.T) {
		login := promconfig.HTTPClientConfig{
			BasicAuth: &promconfig.BasicAuth{UsernameFile: written(t, "oggadmin"), PasswordFile: written(t, "a-Password1\n")},
			TLSConfig: promconfig.TLSConfig{CAFile: written(t, ca)},
		}
		e := endpointFor(t, login, answering())
		var mu sync.Mutex
		read := map[string]int{}
		pool := e.settings.Pool
		pool.files.open = func(name string) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			read[name]++
			return files.Read(name)
		}
		want := 0
		for range 3 { // polls, which last 2.5 s
			pool.BeginPoll()
			e.BeginPoll(false)
			for range 25 {
				var all sync.WaitGroup
				for range 4 {
					all.Go(func() {
						if _, err := Get[struct{}](t.Context(), e, "/extracts"); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				time.Sleep(100 * time.Millisecond)
			}
			want += 3
			for _, name := range []string{login.BasicAuth.UsernameFile, login.BasicAuth.PasswordFile, login.TLSConfig.CAFile} {
				if read[name] != want {
					t.Errorf("%s was read %d times, want %d", name, read[name], want)
				}
			}
		}
		pool.CloseIdleConnections()
	})
}

// written returns a file with that text.
func written(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestFileChanges: a change is taken up when the file expires, and otherwise within a second. What the
// file held before is never used once it is known that the file cannot be read.
func TestFileChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := written(t, "first")
		r := &fileReader{}
		want := func(when, text string, version int) {
			t.Helper()
			got := r.of(name).content(nil, fileSoon)
			if got.text != text || got.version != version || (got.err != nil) != (text == "") {
				t.Errorf("%s: got %q, %v, version %d", when, got.text, got.err, got.version)
			}
		}
		change := func(text string) {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want("first", "first", 1)
		change("second")
		time.Sleep(fileAge - time.Nanosecond)
		want("almost a second later", "first", 1)
		time.Sleep(time.Nanosecond)
		want("a second later", "second", 2)
		r.expire()
		want("unchanged", "second", 2)
		change("third")
		r.expire()
		want("expired", "third", 3)
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		r.expire()
		want("removed", "", 3)
		time.Sleep(fileAge)
		want("still", "", 3)
		change("third")
		r.expire()
		want("mended", "third", 3)
		change("fourth")
		r.expire()
		want("changed", "fourth", 4)
	})
}

// TestFileExpiresUnderWay: what an attempt brings that began before the file expired is not what the
// next poll uses.
func TestFileExpiresUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened, released := 0, make(chan struct{})
		r := &fileReader{open: func(string) ([]byte, error) {
			opened++
			text := strconv.Itoa(opened)
			if opened == 1 {
				<-released
			}
			return []byte(text), nil
		}}
		go func() { _, _ = r.of("a").read(t.Context()) }()
		synctest.Wait()
		r.expire()
		close(released)
		synctest.Wait()
		if text, err := r.of("a").read(t.Context()); text != "2" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
	})
}

// TestFileHangsLater: once it is known what a file holds, nobody waits long for it, nor for another's.
func TestFileHangsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs, opened, released := atomic.Bool{}, atomic.Int64{}, make(chan struct{})
		r := &fileReader{open: func(name string) ([]byte, error) {
			if hangs.Load() && name == "hung" {
				opened.Add(1)
				<-released
				return []byte("new"), nil
			}
			return []byte("old"), nil
		}}
		read := func(name, want string, wait time.Duration) {
			t.Helper()
			begin := time.Now()
			if text, err := r.of(name).read(t.Context()); text != want || err != nil || time.Since(begin) != wait {
				t.Errorf("%s: got %q, %v after %s", name, text, err, time.Since(begin))
			}
		}
		read("hung", "old", 0)
		hangs.Store(true)
		for i := range 60 { // polls
			r.expire()
			wait := time.Duration(0)
			if i == 0 || i == 10 || i == 30 { // those that make an attempt
				wait = fileSoon
			}
			read("hung", "old", wait)
			read("hung", "old", 0)
			read("other", "old", 0)
			time.Sleep(time.Second - wait)
		}
		if n := opened.Load(); n != 3 {
			t.Errorf("%d attempts", n)
		}
		close(released)
		synctest.Wait()
		r.expire()
		read("hung", "new", 0)
	})
}

// TestFileHangsRequest: a request that needs a file that nobody could read yet ends with its context,
// and does not count as one that hangs.
func TestFileHangsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		released := make(chan struct{})
		defer close(released)
		e := endpointFor(t, promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "a", PasswordFile: "/hung"}}, answering())
		e.settings.Pool.files.open = func(string) ([]byte, error) {
			<-released
			return nil, nil
		}
		took, err := asked(t.Context(), e)
		if path, is := errors.AsType[*fs.PathError](err); !is || path.Path != "/hung" || took != 2*time.Second {
			t.Errorf("got %v after %s", err, took)
		}
		if n := e.settings.Stats.Snapshot(); n.Hung != 0 || n.Count != 0 {
			t.Errorf("got %+v", n)
		}
	})
}

// TestFileSlowLogin: a wrong password is one failed login, also where it takes long until it is read.
func TestFileSlowLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &scripted{answer: accepting(basicOffer)}
		pool := &Pool{RoundTripper: service, heeds: true, files: fileReader{open: func(string) ([]byte, error) {
			time.Sleep(time.Second)
			return []byte("wrong"), nil
		}}}
		login := promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "a", PasswordFile: "/slow"}}
		pool.sent.add(&pool.files, login)
		e := endpointOf(pool, login)
		for i := range 3 {
			pool.BeginPoll()
			e.BeginPoll(false)
			_, err := asked(t.Context(), e)
			if isA[*BlockedError](err) != (i > 0) || !HasStatus(err, http.StatusUnauthorized) {
				t.Errorf("%d: got %v", i, err)
			}
			time.Sleep(time.Second)
		}
		if want := []string{"none", "basic"}; !slices.Equal(service.got, want) {
			t.Errorf("sent %q, want %q", service.got, want)
		}
	})
}

// sentPasswords notes the passwords that are sent with basic authentication.
type sentPasswords struct {
	next http.RoundTripper
	all  []string
}

// RoundTrip implements http.RoundTripper.
func (s *sentPasswords) RoundTrip(request *http.Request) (*http.Response, error) {
	if _, password, is := request.BasicAuth(); is {
		s.all = append(s.all, password)
	}
	return s.next.RoundTrip(request)
}

// TestFileChangesUnderWay: a password that takes the place of another while a service still says what
// it wants is one failed login, and not two.
func TestFileChangesUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		sent := &sentPasswords{next: &scripted{answer: func(proof string) (int, string) {
			if proof == "none" {
				time.Sleep(2 * time.Second)
			}
			return accepting(basicOffer)(proof)
		}}}
		pool := &Pool{RoundTripper: sent, heeds: true, files: fileReader{open: func(string) ([]byte, error) {
			if time.Since(begin) > time.Second {
				return []byte("second"), nil
			}
			return []byte("first"), nil
		}}}
		login := promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "a", PasswordFile: "/changing"}}
		pool.sent.add(&pool.files, login)
		e := endpointOf(pool, login)
		for range 5 {
			if _, err := Get[struct{}](t.Context(), e, "/extracts"); !HasStatus(err, http.StatusUnauthorized) {
				t.Errorf("got %v", err)
			}
		}
		if want := []string{"first", "second"}; !slices.Equal(sent.all, want) {
			t.Errorf("sent %q, want %q", sent.all, want)
		}
	})
}

// TestFileFlaps: a rejected password is not sent again because its file could not be read for a while.
func TestFileFlaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var polls atomic.Int64
		sent := &sentPasswords{next: &scripted{answer: accepting(basicOffer)}}
		pool := &Pool{RoundTripper: sent, heeds: true, files: fileReader{open: func(string) ([]byte, error) {
			if polls.Load()%2 == 0 {
				return nil, syscall.ESTALE
			}
			return []byte("wrong"), nil
		}}}
		login := promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: "a", PasswordFile: "/flapping"}}
		pool.sent.add(&pool.files, login)
		e := endpointOf(pool, login)
		for ; polls.Load() < 3; polls.Add(1) {
			pool.BeginPoll()
			e.BeginPoll(false)
			_, _ = asked(t.Context(), e)
			time.Sleep(10 * time.Second)
		}
		for ; polls.Load() < 6; polls.Add(1) {
			pool.BeginPoll()
			e.BeginPoll(false)
			if _, err := asked(t.Context(), e); !isA[*BlockedError](err) {
				t.Errorf("%d: got %v", polls.Load(), err)
			}
			time.Sleep(time.Second)
		}
		if len(sent.all) != 1 {
			t.Errorf("%d failed logins", len(sent.all))
		}
	})
}

// TestFileExpiresFast: polls that begin faster than the file can be read do not keep anybody from it.
func TestFileExpiresFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &fileReader{open: func(string) ([]byte, error) {
			time.Sleep(300 * time.Millisecond)
			return []byte("secret"), nil
		}}
		f := r.of("/slow")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		var polls sync.WaitGroup
		polls.Go(func() {
			for ctx.Err() == nil {
				r.expire()
				time.Sleep(100 * time.Millisecond)
			}
		})
		defer func() {
			cancel()
			polls.Wait()
			time.Sleep(time.Second) // until what is being read is read
		}()
		for range 3 {
			begin := time.Now()
			if text, err := f.read(ctx); text != "secret" || err != nil {
				t.Errorf("got %q, %v", text, err)
			}
			if took := time.Since(begin); took > 700*time.Millisecond {
				t.Errorf("took %s", took)
			}
		}
	})
}
