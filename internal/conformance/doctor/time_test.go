package doctor_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/doctor"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// TestTimeWithoutADate: where Date does not follow, the subject's time is what
// its answers say, and unknown where none says it and others may have moved it.
func TestTimeWithoutADate(t *testing.T) {
	t.Parallel()
	const earlier = 90 * 24 * time.Hour // by another run
	for name, tt := range map[string]struct {
		dialects []string
		kind     string
		knows    bool
		ahead    time.Duration
	}{
		"scoped":                {[]string{"form", "scoped"}, "url", true, earlier + time.Minute},
		"rpc":                   {[]string{"rpc"}, "url", true, earlier + time.Minute},
		"none tells":            {[]string{"session", "form"}, "url", false, time.Minute},
		"none tells, afresh":    {[]string{"session", "form"}, "command", true, time.Minute},
		"one tells, and afresh": {[]string{"scoped"}, "command", true, earlier + time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := subject.Reference()
			running, err := subject.Start(t.Context(), m, subject.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer running.Stop()
			if err := subject.NewClock(running, m.Clock).Advance(t.Context(), earlier); err != nil {
				t.Fatal(err)
			}
			running.HTTP, running.Kind = dated(t, running.HTTP), tt.kind
			clock := subject.NewClock(running, m.Clock)
			s := &exchange.Subject{
				HTTP: running.HTTP, GRPC: running.GRPC, Manifest: m, Transport: running.Transport,
				Clock: clock, Secrets: &evidence.Secrets{}, Timeout: time.Minute,
			}
			began := time.Now()
			doctor.Examine(t.Context(), s, running, tt.dialects)
			took := time.Since(began) // an answer tells the time at which it left
			if !s.DateStands.Load() || (s.KnowsTime() == nil) != tt.knows {
				t.Errorf("Date stands: %v, its time: %v", s.DateStands.Load(), s.KnowsTime())
			}
			if off := time.Until(clock.Now()) - tt.ahead; off.Abs() > 5*time.Second+took {
				t.Errorf("it is off by %s", off)
			}
		})
	}
}

// TestDateThatFollowsLate: a clock that moves a little later is waited for.
func TestDateThatFollowsLate(t *testing.T) {
	t.Parallel()
	m := subject.Reference()
	running, err := subject.Start(t.Context(), m, subject.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Stop()
	running.HTTP = late(t, running.HTTP)
	clock := subject.NewClock(running, m.Clock)
	s := &exchange.Subject{
		HTTP: running.HTTP, GRPC: running.GRPC, Manifest: m, Transport: running.Transport,
		Clock: clock, Secrets: &evidence.Secrets{}, Timeout: time.Minute,
	}
	doctor.Examine(t.Context(), s, running, nil)
	if s.DateStands.Load() {
		t.Fatal("it is taken for a Date that stands")
	}
	began := time.Now()
	if err := clock.Advance(t.Context(), time.Minute); err != nil || time.Since(began) < 400*time.Millisecond {
		t.Errorf("a move ends after %s (%v)", time.Since(began), err)
	}
	if clock.MoveTime() < 400*time.Millisecond {
		t.Errorf("a move takes %s", clock.MoveTime())
	}
}

// late is a server behind one that passes moves of the clock on a little later
// than it answers them.
func late(t *testing.T, behind string) string {
	t.Helper()
	target, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	var passing sync.WaitGroup
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			proxy.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		passing.Go(func() {
			<-time.After(400 * time.Millisecond)
			answer, err := http.Post(behind+r.URL.Path, r.Header.Get("Content-Type"), bytes.NewReader(body))
			if err == nil {
				_ = answer.Body.Close()
			}
		})
	}))
	t.Cleanup(func() {
		passing.Wait()
		front.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return front.URL
}
