package exchange

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// answers are what a subject says, one after another, the last again and again.
type answers struct {
	said []said
	sent int
}

type said struct {
	status int
	header []string // names and values
}

func (a *answers) RoundTrip(*http.Request) (*http.Response, error) {
	s := a.said[min(a.sent, len(a.said)-1)]
	a.sent++
	r := &http.Response{StatusCode: s.status, Status: http.StatusText(s.status), Header: http.Header{}, Body: http.NoBody}
	for i := 0; i+1 < len(s.header); i += 2 {
		r.Header.Set(s.header[i], s.header[i+1])
	}
	return r, nil
}

func saying(status int, header ...string) said { return said{status, header} }

// fixed is a subject's time that nobody moves.
type fixed struct{}

func (fixed) Now() time.Time                               { return time.Now() }
func (fixed) Advance(context.Context, time.Duration) error { return nil }

func clientOf(a *answers, pace *manifest.Pace) *Client {
	return NewClient(&Subject{
		HTTP: "http://subject.test", Transport: a, Clock: fixed{}, Secrets: &evidence.Secrets{}, Timeout: time.Minute, Pace: NewPace(pace),
		Manifest: &manifest.Manifest{Clock: &manifest.Clock{Path: "/clock"}, Dialects: manifest.Dialects{Form: &manifest.Form{Login: "/login"}}},
	}, "form", &evidence.Log{})
}

// TestRetryAfter: a short wait that any refusal asks for, in either form, is
// really waited for, and a long one is not.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const date, soon, late = "Sat, 28 Nov 2026 12:00:00 GMT", "Sat, 28 Nov 2026 12:00:03 GMT", "Sat, 28 Nov 2026 12:10:00 GMT"
	for name, tt := range map[string]struct {
		first  said
		waited time.Duration
		sent   int
	}{
		"seconds":             {saying(429, "Retry-After", "2"), 2 * time.Second, 2},
		"a date":              {saying(503, "Retry-After", soon, "Date", date), 3 * time.Second, 2},
		"beside 403":          {saying(403, "Retry-After", "1"), time.Second, 2},
		"at once":             {saying(503, "Retry-After", "0"), 0, 2},
		"a date that is over": {saying(503, "Retry-After", date, "Date", soon), time.Second, 2},
		"a long wait":         {saying(429, "Retry-After", "30"), 0, 1},
		"a late date":         {saying(429, "Retry-After", late, "Date", date), 0, 1},
		"no number":           {saying(429, "Retry-After", "soon"), 0, 1},
		"none":                {saying(503), 0, 1},
		"beside a success":    {saying(202, "Retry-After", "2"), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				subject := &answers{said: []said{tt.first, saying(200)}}
				began := time.Now()
				if _, err := clientOf(subject, nil).Do(t.Context(), NewRequest("GET", "/")); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(began); waited != tt.waited || subject.sent != tt.sent {
					t.Errorf("waited %s, sent %d", waited, subject.sent)
				}
			})
		})
	}
}

func TestNobodyWaitsForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		subject := &answers{said: []said{saying(429, "Retry-After", "1")}}
		c := clientOf(subject, nil)
		if a, err := c.Do(t.Context(), NewRequest("GET", "/")); err != nil || a.Status != 429 || subject.sent != maxAgain+1 {
			t.Errorf("%v after %d requests", err, subject.sent)
		}
		subject.sent = 0
		if _, err := c.Do(WithoutWaits(t.Context()), NewRequest("GET", "/")); err != nil || subject.sent != 1 {
			t.Errorf("%v: a step that judges throttles sent %d requests", err, subject.sent)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := c.Do(ctx, NewRequest("GET", "/")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the wait outlives its context: %v", err)
		}
	})
}

// TestPace: ten requests at once take as long as the declared pace says.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pace   *manifest.Pace
		method string
		took   time.Duration
	}{
		"none":            {nil, "GET", 0},
		"requests":        {&manifest.Pace{RequestsPerSecond: 2}, "GET", 4500 * time.Millisecond},
		"logins":          {&manifest.Pace{LoginsPerMinute: 20}, "POST", 27 * time.Second},
		"no logins":       {&manifest.Pace{LoginsPerMinute: 20}, "GET", 0},
		"the slower wins": {&manifest.Pace{RequestsPerSecond: 2, LoginsPerMinute: 20}, "POST", 27 * time.Second},
		"one connection":  {&manifest.Pace{Connections: 1}, "GET", 10 * time.Second},
		"two connections": {&manifest.Pace{Connections: 2}, "GET", 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := NewPace(tt.pace)
				c := clientOf(&answers{said: []said{saying(200)}}, nil)
				began := time.Now()
				var all sync.WaitGroup
				for range 10 {
					all.Go(func() {
						done, err := p.begin(t.Context(), c.isLogin(NewRequest(tt.method, "/login")))
						if err != nil {
							t.Error(err)
							return
						}
						if p.places != nil {
							<-time.After(time.Second) // the exchange
						}
						done()
					})
				}
				all.Wait()
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// TestAfterWrongPasswords tells a lock from a login that is refused once.
func TestAfterWrongPasswords(t *testing.T) {
	t.Parallel()
	refused := errors.New("expected a token")
	for name, tt := range map[string]struct {
		granted  bool
		refusals int
		locked   bool
		want     error
	}{
		"granted":               {true, 0, false, nil},
		"refused once":          {true, 1, false, refused},
		"refused permanently":   {true, 9, true, nil},
		"never granted at all":  {false, 9, false, refused},
		"refused, and no token": {false, 1, false, refused},
	} {
		c := clientOf(&answers{}, nil)
		if tt.granted {
			c.Granted(&Answer{Status: 200}, "a token")
		}
		tries := 0
		err := c.AfterWrongPasswords(func() (*Answer, error) {
			if tries++; tries <= tt.refusals {
				return &Answer{Status: 401}, refused
			}
			return &Answer{Status: 200}, nil
		})
		var lock *LockedOutError
		if errors.As(err, &lock) != tt.locked || !tt.locked && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if tt.locked && !strings.Contains(err.Error(), "declare dialects.form.throttle in the manifest") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// standing is a clock that waits as it is told.
type standing struct{ Clock }

func (standing) Advance(ctx context.Context, d time.Duration) error { return Sleep(ctx, d) }

// TestLongWaitsAreTold: a wait of some seconds in real time is told before it begins, and
// a move of a clock is none.
func TestLongWaitsAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		clock *manifest.Clock
		wait  time.Duration
		want  string
	}{
		"no clock":                  {nil, 6 * time.Second, "6s: a limit of the subject's has to end"},
		"not long":                  {nil, 4 * time.Second, ""},
		"real time":                 {&manifest.Clock{Wait: 15 * time.Minute}, 10 * time.Minute, "10m0s: the subject's time has to pass"},
		"more than is spent":        {&manifest.Clock{Wait: time.Minute}, 10 * time.Minute, ""},
		"a clock that can be moved": {&manifest.Clock{Path: "/clock"}, 10 * time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				told := ""
				client := NewClient(&Subject{
					Manifest: &manifest.Manifest{Clock: c.clock}, Clock: standing{},
					Waits: func(d time.Duration, why string) { told += d.String() + ": " + why },
				}, "form", new(evidence.Log))
				if err := client.Wait(t.Context(), c.wait); err != nil || told != c.want {
					t.Errorf("told %q, %v; want %q", told, err, c.want)
				}
			})
		})
	}
}
