package zoo

import (
	"net/http"
	"sync"
	"time"
)

// formLedger knows the form tokens that were answered. Mutants use it to judge
// a token otherwise than the reference would.
type formLedger struct {
	mu     sync.Mutex
	grants map[string]*formGrant
}

// formGrant is one token of the form dialect.
type formGrant struct {
	members        map[string]any // of the login's answer
	issued         time.Time
	firstEnd, ends time.Time
	long           bool // bought with longtoken
	deleted        bool
}

// formLedger starts to watch logins, extensions and deletions.
func (s *Server) formLedger() *formLedger {
	l := &formLedger{grants: map[string]*formGrant{}}
	s.answers(anyOf(formLogin, formExtend, formDelete), func(a *reply) {
		if !a.ok() {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		end, _ := time.Parse(time.RFC3339, a.member("validTo"))
		switch a.Request.Method {
		case http.MethodPost:
			l.grants[a.member("token")] = &formGrant{
				members: a.members(), issued: s.Clock.Now(), firstEnd: end, ends: end, long: formLong(a.Request),
			}
		case http.MethodPut:
			if g := l.grants[a.member("token")]; g != nil {
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
func (l *formLedger) with(token string, do func(*formGrant)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do(l.grants[token])
}

// each does something to every grant.
func (l *formLedger) each(do func(token string, g *formGrant)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for token, g := range l.grants {
		do(token, g)
	}
}

// validTo writes the end in some answers otherwise.
func (s *Server) validTo(where match, write func(end time.Time) any) {
	s.answers(where, func(a *reply) {
		if end, err := time.Parse(time.RFC3339, a.member("validTo")); err == nil {
			a.set("validTo", write(end.UTC()))
		}
	})
}

// asLoggedIn makes GET answer what the login did.
func (s *Server) asLoggedIn() {
	l := s.formLedger()
	s.answers(formAsk, func(a *reply) {
		l.with(a.member("token"), func(g *formGrant) {
			if g != nil && a.ok() {
				a.write(g.members)
			}
		})
	})
}

// extendsBy answers another end to an extension than the reference gives.
func (s *Server) extendsBy(end func(g *formGrant, now time.Time, long bool) time.Time) {
	before := map[string]formGrant{}
	l := s.formLedger()
	s.requests(formExtend, func(r *http.Request) {
		token := sentText(r, "token")
		l.with(token, func(g *formGrant) {
			if g != nil {
				before[token] = *g
			}
		})
	})
	s.answers(formExtend, func(a *reply) {
		token := sentText(a.Request, "token")
		l.with(token, func(*formGrant) {
			if old, known := before[token]; known && a.ok() {
				a.set("validTo", end(&old, s.Clock.Now(), formLong(a.Request)).UTC().Format(time.RFC3339))
			}
		})
	})
}

// formLives asks the reference whether the token in an answer still lives.
func (s *Server) formLives(answered []byte) bool {
	token, _ := object(answered)["token"].(string)
	r, err := http.NewRequest(http.MethodGet, "/login?token="+token, http.NoBody) //nolint:noctx // it does not leave the process
	return err == nil && s.inner(r).ok()
}
