package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// sessionSpeaker speaks the session dialect in the words of all dialects.
type sessionSpeaker struct {
	w        *World
	manifest *manifest.Session
}

var _ speaker = sessionSpeaker{}

func (s sessionSpeaker) loginRequest(who credentials) Request {
	s.w.subject.Secrets.Add("password", who.password)
	return request(http.MethodPost, s.manifest.Prefix+s.manifest.Login).withJSON(map[string]any{
		"session": map[string]string{"email": who.login, "password": who.password},
	})
}

func (s sessionSpeaker) login(ctx context.Context, who credentials) (*Answer, *grant, error) {
	answer, err := s.w.exchange(ctx, s.loginRequest(who))
	if err != nil {
		return nil, nil, err
	}
	return answer, s.granted(answer), nil
}

// granted reads a token pair, or nil where there is none.
func (s sessionSpeaker) granted(a *Answer) *grant {
	access, err := a.text("access_token")
	if !a.success() || err != nil {
		return nil
	}
	refresh, _ := a.text("refresh_token") // whether there is one is for SES-01 to say
	s.w.secret(access)
	s.w.secret(refresh)
	return &grant{access: access, refresh: refresh}
}

func (s sessionSpeaker) protected() Request {
	return request(http.MethodGet, s.manifest.Prefix+s.manifest.Protected)
}

func (sessionSpeaker) authorize(r Request, token string) Request {
	return r.with("Authorization", "Bearer "+token)
}

func (s sessionSpeaker) open(ctx context.Context, token string) (*Answer, error) {
	r := s.protected()
	if token != "" {
		r = s.authorize(r, token)
	}
	return s.w.exchange(ctx, r)
}

// refreshRequest asks for a new pair; the bearer beside the refresh token is
// documented, so it is always sent.
func (s sessionSpeaker) refreshRequest(refresh, bearer string) Request {
	r := request(http.MethodPost, s.manifest.Prefix+s.manifest.Refresh)
	return s.authorize(r.withJSON(map[string]string{"refresh_token": refresh}), bearer)
}

func (s sessionSpeaker) renew(ctx context.Context, g *grant) (*Answer, *grant, error) {
	answer, err := s.w.exchange(ctx, s.refreshRequest(g.refresh, g.access))
	if err != nil {
		return nil, nil, err
	}
	return answer, s.granted(answer), nil
}

func (s sessionSpeaker) full() credentials {
	return credentials{s.manifest.Accounts.Full.Email, s.manifest.Accounts.Full.Password}
}

func (sessionSpeaker) garble(token string) string   { return garbleToken(token) }
func (sessionSpeaker) variable(token string) string { return unguessable(token) }

// locked: the dialect documents no code of its own; 423 is what HTTP has.
func (sessionSpeaker) locked(a *Answer) bool { return a.Status == http.StatusLocked }

// sessionWords are the dialect's own words.
type sessionWords struct {
	*World
	sessionSpeaker
	manifest *manifest.Session
	pairs    []*tokenPair // in the order in which they were bought
	agents   int          // how many logins had a user agent of their own
	listed   sessionList
}

// tokenPair is what a login or a refresh bought.
type tokenPair struct {
	grant
	answer *Answer
	agent  string // the user agent of the login that began the session, or ""
}

func registerSession(w *World, sc *godog.ScenarioContext) speaker {
	declared := w.subject.Manifest.Dialects.Session
	s := &sessionWords{World: w, manifest: declared, sessionSpeaker: sessionSpeaker{w, declared}}
	w.registerForget(sc, declared.Throttle)
	s.registerLogins(sc)
	s.registerCollection(sc)
	s.registerRefresh(sc)
	s.registerSessionsAPI(sc)
	s.registerAPIKey(sc)
	s.registerLocales(sc)
	s.registerInflection(sc)
	return s.sessionSpeaker
}

var ordinals = map[string]int{"first": 0, "second": 1, "third": 2}

// pair finds a pair by its ordinal; "" is the newest.
func (s *sessionWords) pair(ordinal string) (*tokenPair, error) {
	if len(s.pairs) == 0 {
		return nil, errors.New("no token pair was bought before this step")
	}
	if ordinal == "" {
		return s.pairs[len(s.pairs)-1], nil
	}
	i, known := ordinals[ordinal]
	if !known || i >= len(s.pairs) {
		return nil, fmt.Errorf("there is no %s token pair; %d were bought", ordinal, len(s.pairs))
	}
	return s.pairs[i], nil
}

// as sends a request from the device that logged in, for a server may bind a
// session to it.
func (p *tokenPair) as(r Request) Request {
	if p.agent == "" {
		return r
	}
	return r.with("User-Agent", p.agent)
}

// keep remembers the pair that an answer grants, if it does.
func (s *sessionWords) keep(a *Answer, agent string) {
	if g := s.granted(a); g != nil {
		s.pairs = append(s.pairs, &tokenPair{grant: *g, answer: a, agent: agent})
	}
}
