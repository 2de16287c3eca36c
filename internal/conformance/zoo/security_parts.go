package zoo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// head is the beginning of a request's body.
func head(r *http.Request) string {
	read := body(r)
	return string(read[:min(len(read), 1000)])
}

// countUp draws numbers in a row.
func countUp() func() string {
	var count atomic.Int64
	return func() string { return fmt.Sprintf("%012d", count.Add(1)) }
}

// behind draws something good, behind what is always the same.
func behind(front string) func() string {
	return func() string { return front + rand.Text() }
}

// draws makes tokens, or the signatures of JWTs, out of what is drawn.
func draws(dialect string, draw func() string) func(*Server) {
	return func(s *Server) {
		signs := func(inner grant.Signer) grant.Signer {
			return grant.SignerFunc(func(claims map[string]any) (string, error) {
				token, err := inner.Sign(claims)
				return strings.TrimSuffix(token, signature(token)) + draw(), err
			})
		}
		switch dialect {
		case "rpc":
			s.RPCSigner = signs(s.RPCSigner)
		case "scoped":
			s.ScopedSigner = signs(sharedKey())
		default:
			s.renames(func(string) string { return draw() })
		}
	}
}

// sharedKey signs with HS256.
func sharedKey() grant.Signer {
	signer, err := grant.HS256([]byte("a key of the zoo, which is nobody's secret"))
	if err != nil {
		panic(err) // the key is long enough
	}
	return signer
}

// knownOnly counts wrong passwords of the demo accounts alone.
type knownOnly struct{ account.Limiter }

func (k knownOnly) Failed(ctx context.Context, attempt account.Attempt) error {
	if strings.HasPrefix(attempt.Account, "root") || strings.HasPrefix(attempt.Account, "clerk") {
		return k.Limiter.Failed(ctx, attempt)
	}
	return nil
}

// meeting is how long a request stays inside, so that others may meet it.
const meeting = 30 * time.Millisecond

// wait lets time pass, for as long as the client waits too.
func wait(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// turnsAway refuses whoever comes while too many others are served.
func (s *Server) turnsAway(where match, most int64) {
	var inside atomic.Int64
	s.wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !where(r) {
				inner.ServeHTTP(w, r)
				return
			}
			defer inside.Add(-1)
			if inside.Add(1) > most {
				answer(http.StatusServiceUnavailable, map[string]string{"error": "try again"})(w, r)
				return
			}
			wait(r, meeting)
			inner.ServeHTTP(w, r)
		})
	})
}

// races refuses all tokens that come out of a renewal which met another one of
// the same token.
func (s *Server) races(d door) {
	var mu sync.Mutex
	inside := map[string]int{}
	met := map[string]bool{}      // by what was renewed
	origin := map[string]string{} // of a token, what was renewed
	s.instead(func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		return d.resource(r) && met[origin[d.shown(r)]]
	}, answer(http.StatusUnauthorized, map[string]string{"error": "this token was stolen"}))
	s.wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !d.renew(r) {
				inner.ServeHTTP(w, r)
				return
			}
			renewed := d.renewed(r)
			mu.Lock()
			inside[renewed]++
			met[renewed] = met[renewed] || inside[renewed] > 1
			mu.Unlock()
			wait(r, meeting)
			recorded := record(inner, r)
			mu.Lock()
			inside[renewed]--
			origin[recorded.member(d.token)] = renewed
			mu.Unlock()
			recorded.send(w)
		})
	})
}

// isLong selects requests whose body is over the reference's limit.
func isLong(r *http.Request) bool { return r.ContentLength > 1<<20 }

// withoutFiller reads a body of any size and leaves out what only fills it.
func withoutFiller(r *http.Request) {
	read, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(read, &members) == nil {
		delete(members, "filler")
		setBody(r, encoded(members))
	} else if fields, err := url.ParseQuery(string(read)); err == nil {
		fields.Del("filler")
		setBody(r, []byte(fields.Encode()))
	}
}
