package form

import (
	"net/http"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// ledger knows the tokens that were answered. Mutants use it to judge a token
// otherwise than the reference would.
type ledger struct {
	mu     sync.Mutex
	grants map[string]*grant
}

// grant is one token of the form dialect.
type grant struct {
	members        map[string]any // of the login's answer
	issued         time.Time
	firstEnd, ends time.Time
	long           bool // obtained with longtoken
	deleted        bool
}

// newLedger starts to watch logins, extensions and deletions.
func newLedger(s *mutation.Server) *ledger {
	l := &ledger{grants: map[string]*grant{}}
	s.OnAnswer(mutation.AnyOf(login, extend, remove), func(a *mutation.Reply) {
		if !a.OK() {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		end, _ := time.Parse(time.RFC3339, a.Member("validTo"))
		switch a.Request.Method {
		case http.MethodPost:
			l.grants[a.Member("token")] = &grant{
				members: a.Members(), issued: s.Clock.Now(), firstEnd: end, ends: end, long: wantsLong(a.Request),
			}
		case http.MethodPut:
			if g := l.grants[a.Member("token")]; g != nil {
				g.ends = end
			}
		case http.MethodDelete:
			if g := l.grants[a.Request.URL.Query().Get("token")]; g != nil {
				g.deleted = true
			}
		}
	})
	return l
}

// with does something to a token's grant, nil for none, while nobody else
// touches any.
func (l *ledger) with(token string, do func(*grant)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(l.grants[token])
}

// each does something to every grant.
func (l *ledger) each(do func(token string, g *grant)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for token, g := range l.grants {
		do(token, g)
	}
}

// validTo writes the end in some answers otherwise.
func validTo(s *mutation.Server, where mutation.Match, write func(end time.Time) any) {
	s.OnAnswer(where, func(a *mutation.Reply) {
		if end, err := time.Parse(time.RFC3339, a.Member("validTo")); err == nil {
			a.Set("validTo", write(end.UTC()))
		}
	})
}

// asLoggedIn makes GET answer what the login did.
func asLoggedIn(s *mutation.Server) {
	l := newLedger(s)
	s.OnAnswer(ask, func(a *mutation.Reply) {
		l.with(a.Member("token"), func(g *grant) {
			if g != nil && a.OK() {
				a.Write(g.members)
			}
		})
	})
}

// life is how long a token lives.
func life(long bool) time.Duration {
	if long {
		return 30 * 24 * time.Hour
	}
	return 24 * time.Hour
}

// extendsBy answers another end to an extension than the reference gives.
func extendsBy(s *mutation.Server, end func(g *grant, now time.Time, long bool) time.Time) {
	before := map[string]grant{}
	l := newLedger(s)
	s.OnRequest(extend, func(r *http.Request) {
		token := mutation.SentText(r, "token")
		l.with(token, func(g *grant) {
			if g != nil {
				before[token] = *g
			}
		})
	})
	s.OnAnswer(extend, func(a *mutation.Reply) {
		token := mutation.SentText(a.Request, "token")
		l.with(token, func(*grant) {
			if old, known := before[token]; known && a.OK() {
				a.Set("validTo", end(&old, s.Clock.Now(), wantsLong(a.Request)).UTC().Format(time.RFC3339))
			}
		})
	})
}

// isLive asks the reference whether the token in an answer is still accepted.
func isLive(s *mutation.Server, answered []byte) bool {
	token, _ := mutation.Object(answered)["token"].(string)
	r, err := http.NewRequest(http.MethodGet, "/login?token="+token, http.NoBody) //nolint:noctx // it does not leave the process
	return err == nil && s.Inner(r).OK()
}

// newer says whether there is a token that was obtained after this one, which has
// not expired.
func (l *ledger) newer(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.grants[token]
	for _, other := range l.grants {
		if g != nil && !other.deleted && other.issued.After(g.issued) {
			return true
		}
	}
	return false
}
