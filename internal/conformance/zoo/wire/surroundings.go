package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// logins selects what a limit on logins counts.
var logins = mutation.AnyOf(
	mutation.At("POST", "/sessions"), mutation.At("POST", "/sessioni"), mutation.At("POST", "/login"),
	mutation.At("POST", "/api/v1/auth/token"), mutation.At("POST", "/grpc"),
)

// surroundings leave a server as it is and change what is around it.
func surroundings() []mutation.Variant {
	return []mutation.Variant{
		{
			Name:    "rate-limited",
			Differs: "So many logins a second, by a clock that nobody moves; then 429 or 503, with either form of Retry-After.",
			Change:  limitsRate,
		},
		{
			Name:    "account-locked-for-good",
			Differs: "Two wrong passwords in a row lock an account until somebody opens it again; nothing declares that.",
			Policy:  []string{"SEC-03"},
			Change:  func(s *mutation.Server) { locksPermanently(s, 2) },
		},
		{
			Name:    "account-locked-at-once",
			Differs: "A single wrong password locks an account until somebody opens it again; nothing declares that.",
			Policy:  []string{"SEC-03"},
			Change:  func(s *mutation.Server) { locksPermanently(s, 1) },
		},
		{
			Name:    "empty-passwords-lock",
			Differs: "A login without a password, or with one of another type, counts as a wrong one, and two of these lock the account; nothing declares that.",
			Policy:  []string{"SEC-03"},
			Change:  locksOnMissingPasswords,
		},
		{
			Name:    "one-request-at-a-time",
			Differs: "A worker process answers one request after another.",
			Change:  func(s *mutation.Server) { s.OneAtATime(mutation.All) },
		},
		{
			Name:    "compressed",
			Differs: "A proxy compresses every body, whether that was asked for or not.",
			Change: func(s *mutation.Server) {
				writers := sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }} // each is most of a megabyte
				s.OnAnswer(mutation.NotClock, func(a *mutation.Reply) {
					if len(a.Body) == 0 {
						return
					}
					var packed bytes.Buffer
					w := writers.Get().(*gzip.Writer) //nolint:forcetypeassert // nothing else is put there
					w.Reset(&packed)
					_, _ = w.Write(a.Body) // to memory
					_ = w.Close()
					writers.Put(w)
					a.Body = packed.Bytes()
					a.Header.Set("Content-Encoding", "gzip")
				})
			},
		},
		{
			Name:       "date-of-the-proxy",
			Differs:    "Date is written by a proxy, whose clock nobody moves; an earlier run has moved the server's by 90 days.",
			HidesAlone: []string{"FRM-02", "FRM-03", "FRM-11"}, // no other dialect says what time it is
			Change: func(s *mutation.Server) {
				s.Clock.(*clock.Offset).Advance(90 * 24 * time.Hour)
				s.OnAnswer(mutation.All, func(a *mutation.Reply) { a.Header.Set("Date", s.Time.Now().UTC().Format(http.TimeFormat)) })
			},
		},
		{
			Name:    "http2-only",
			Differs: "HTTP/2 without TLS and without an upgrade; HTTP/1.1 is not understood.",
			Policy:  []string{}, // SEC-06 cannot be tried: it announces how long a header may be
			Change: func(s *mutation.Server) {
				s.HTTP.Protocols = new(http.Protocols)
				s.HTTP.Protocols.SetUnencryptedHTTP2(true)
			},
		},
		{
			Name:    "http2-only-tls",
			Differs: "TLS, on which nothing but HTTP/2 is spoken.",
			Policy:  []string{},
			Change: func(s *mutation.Server) {
				speakTLS(s)
				s.HTTP.TLSConfig.NextProtos = []string{"h2"}
				s.HTTP.Protocols = new(http.Protocols)
				s.HTTP.Protocols.SetHTTP2(true)
			},
		},
		{
			Name:    "http-1.0",
			Differs: "Answers are of HTTP/1.0, without a length, and end with their connection.",
			Change:  func(s *mutation.Server) { s.Wrap(answersAsHTTP10) },
		},
		{
			Name:    "early-hints",
			Differs: "Interim answers (103) come before each answer.",
			Change: func(s *mutation.Server) {
				s.Wrap(func(inner http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Link", "</style.css>; rel=preload")
						w.WriteHeader(http.StatusEarlyHints)
						w.Header().Del("Link")
						inner.ServeHTTP(w, r)
					})
				})
			},
		},
	}
}

// locksPermanently refuses the full account, over HTTP, after so many wrong passwords in a
// row.
func locksPermanently(s *mutation.Server, after int64) {
	locks(s, after, func(a *mutation.Reply) bool {
		return a.Status == http.StatusUnauthorized || strings.HasSuffix(a.Member("error_code"), "WRONG_CREDENTIALS")
	})
}

// locksOnMissingPasswords counts whatever names the account without its right password: none, an
// empty one, one of another type, two of them.
func locksOnMissingPasswords(s *mutation.Server) {
	locks(s, 2, func(a *mutation.Reply) bool {
		refused := a.Status >= 400 && a.Status < 500 || strings.HasSuffix(a.Member("error_code"), "WRONG_CREDENTIALS")
		return refused && guesses(mutation.Body(a.Request))
	})
}

// guesses says whether a login, as a form or in JSON, names the full account and has not
// its password.
func guesses(body []byte) bool {
	var login map[string]any
	if json.Unmarshal(body, &login) != nil {
		fields, err := url.ParseQuery(string(body))
		return err == nil && slices.Equal(fields["login"], []string{"root"}) && !slices.Equal(fields["pass"], []string{"root"})
	}
	for _, inner := range []string{"session", "data"} {
		if members, is := login[inner].(map[string]any); is {
			login = members
		}
	}
	for _, name := range []string{"email", "username", "user_name"} {
		if login[name] == "root" || login[name] == "root@example.com" {
			return login["password"] != "root"
		}
	}
	return false
}

// locks refuses the full account, over HTTP, after so many logins in a row that count.
func locks(s *mutation.Server, after int64, counts func(*mutation.Reply) bool) {
	d := s.Manifest.Dialects
	d.Session.Throttle, d.Form.Throttle, d.RPC.Throttle, d.Scoped.Throttle = nil, nil, nil, nil
	var wrong atomic.Int64
	s.OnAnswer(logins, func(a *mutation.Reply) {
		if a.Request.Body == nil || !bytes.Contains(mutation.Body(a.Request), []byte("root")) {
			return
		}
		if a.Request.URL.Path == "/grpc" && a.Request.Header.Get("Authorization") == "" {
			return // who sends no Basic is not asked for a password
		}
		switch {
		case wrong.Load() >= after:
			a.Replace(http.StatusUnauthorized, map[string]string{"error": "wrong credentials"})
		case counts(a):
			wrong.Add(1)
		case a.OK():
			wrong.Store(0)
		}
	})
}

// limitsRate counts in real time, whatever the server's clock says.
func limitsRate(s *mutation.Server) {
	const perSecond = 100
	var mu sync.Mutex
	var second time.Time
	var count int
	var refused atomic.Int64
	over := func(r *http.Request) bool {
		if !logins(r) {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.Sub(second) >= time.Second {
			second, count = now, 0
		}
		count++
		return count > perSecond
	}
	s.Instead(over, func(w http.ResponseWriter, _ *http.Request) {
		if refused.Add(1)%2 == 0 {
			w.Header().Set("Retry-After", strconv.Itoa(1))
			mutation.WriteJSON(w, http.StatusTooManyRequests, map[string]string{"error": "slow down"})
			return
		}
		now := time.Now().UTC()
		w.Header().Set("Date", now.Format(http.TimeFormat))
		w.Header().Set("Retry-After", now.Add(time.Second).Format(http.TimeFormat))
		mutation.WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "slow down"})
	})
}

// answersAsHTTP10 writes answers as servers of before HTTP/1.1 do.
func answersAsHTTP10(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := mutation.Record(inner, r)
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err) // HTTP/1.1 is spoken, or the zoo is wrong
		}
		defer connection.Close() //nolint:errcheck // the answer is sent, or the client gone
		var whole bytes.Buffer
		fmt.Fprintf(&whole, "HTTP/1.0 %d %s\r\n", answer.Status, http.StatusText(answer.Status))
		answer.Header.Del("Content-Length")
		_ = answer.Header.Write(&whole) // to memory
		whole.WriteString("\r\n")
		if r.Method != http.MethodHead {
			whole.Write(answer.Body)
		}
		_, _ = connection.Write(whole.Bytes()) // a client that is gone has its answer
	})
}
