// Package session holds the steps of the session dialect.
package session

import (
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

// steps are the dialect's own steps, and what a scenario knows.
type steps struct {
	*shared.World
	dialect.Session
	declared *manifest.Session
	pairs    []*tokenPair // in the order in which they were issued
	inUse    bool         // one of several successors has granted access
	agents   int          // how many logins had a user agent of their own
	listed   sessionList
}

// tokenPair is what a login or a refresh obtained.
type tokenPair struct {
	dialect.Grant
	answer *exchange.Answer
	agent  string // the user agent of the login that began the session, or ""
}

// Register binds the steps for one scenario.
func Register(w *shared.World, client dialect.Session) {
	s := &steps{World: w, Session: client, declared: w.Subject.Manifest.Dialects.Session}
	s.registerLogins()
	s.registerCollection()
	s.registerRefresh()
	s.registerSessionsAPI()
	s.registerAPIKey()
	s.registerLocales()
	s.registerInflection()
}

// pair finds a pair by its ordinal; "" is the newest.
func (s *steps) pair(ordinal string) (*tokenPair, error) {
	if len(s.pairs) == 0 {
		return nil, errors.New("no token pair was issued before this step")
	}
	if ordinal == "" {
		return s.pairs[len(s.pairs)-1], nil
	}
	i, known := shared.Ordinal(ordinal)
	if !known || i >= len(s.pairs) {
		return nil, fmt.Errorf("there is no %s token pair; %d were issued", ordinal, len(s.pairs))
	}
	return s.pairs[i], nil
}

// as sends a request from the device that logged in, for a server may bind a
// session to it.
func (p *tokenPair) as(r exchange.Request) exchange.Request {
	if p.agent == "" {
		return r
	}
	return r.With("User-Agent", p.agent)
}

// keep remembers the pair that an answer grants, if it does.
func (s *steps) keep(a *exchange.Answer, agent string) {
	if g := s.Granted(a); g != nil {
		s.pairs = append(s.pairs, &tokenPair{Grant: *g, answer: a, agent: agent})
	}
}
