package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// formSpeaker speaks the form dialect in the words of all dialects.
type formSpeaker struct {
	w        *World
	manifest *manifest.Form
}

var _ speaker = formSpeaker{}

const formContentType = "application/x-www-form-urlencoded"

// loginRequest sends the fields in the documented order.
func (f formSpeaker) loginRequest(who credentials) Request {
	f.w.subject.Secrets.Add("password", who.password)
	return f.loginPath().withBody(formContentType, formFields("login", who.login, "pass", who.password))
}

// formFields encodes pairs of name and value in their order.
func formFields(pairs ...string) string {
	body := ""
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			body += "&"
		}
		body += url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1])
	}
	return body
}

func (f formSpeaker) loginPath() Request {
	return request(http.MethodPost, f.manifest.Prefix+f.manifest.Login)
}

func (f formSpeaker) login(ctx context.Context, who credentials) (*Answer, *grant, error) {
	answer, err := f.w.exchange(ctx, f.loginRequest(who))
	if err != nil {
		return nil, nil, err
	}
	return answer, f.granted(answer), nil
}

// granted reads a token, or nil where there is none.
func (f formSpeaker) granted(a *Answer) *grant {
	token, err := a.text("token")
	if !a.success() || err != nil {
		return nil
	}
	return &grant{access: f.w.secret(token)}
}

func (f formSpeaker) protected() Request {
	return request(http.MethodGet, f.manifest.Prefix+f.manifest.Protected)
}

func (formSpeaker) authorize(r Request, token string) Request {
	return r.with("X-Auth-Bearer", token)
}

func (f formSpeaker) open(ctx context.Context, token string) (*Answer, error) {
	r := f.protected()
	if token != "" {
		r = f.authorize(r, token)
	}
	return f.w.exchange(ctx, r)
}

// validateRequest is the GET of a token, endRequest its DELETE.
func (f formSpeaker) validateRequest(token string) Request {
	return request(http.MethodGet, f.manifest.Prefix+f.manifest.Login).withQuery("token", token)
}

func (f formSpeaker) endRequest(token string) Request {
	return request(http.MethodDelete, f.manifest.Prefix+f.manifest.Login).withQuery("token", token)
}

// extendRequest is the PUT of a token. longtoken is left out unless it is true.
func (f formSpeaker) extendRequest(token string, long bool) Request {
	body := map[string]any{"token": token}
	if long {
		body["longtoken"] = true
	}
	return request(http.MethodPut, f.manifest.Prefix+f.manifest.Login).withJSON(body)
}

func (f formSpeaker) renew(ctx context.Context, g *grant) (*Answer, *grant, error) {
	answer, err := f.w.exchange(ctx, f.extendRequest(g.access, false))
	if err != nil {
		return nil, nil, err
	}
	return answer, f.granted(answer), nil
}

func (f formSpeaker) full() credentials {
	return credentials{f.manifest.Accounts.Full.Login, f.manifest.Accounts.Full.Password}
}

func (formSpeaker) garble(token string) string   { return garbleToken(token) }
func (formSpeaker) variable(token string) string { return unguessable(token) }

// locked: the dialect documents no code of its own; 423 is what HTTP has.
func (formSpeaker) locked(a *Answer) bool { return a.Status == http.StatusLocked }

// formWords are the dialect's own words.
type formWords struct {
	*World
	formSpeaker
	manifest *manifest.Form
	tokens   []*formToken // in the order in which they were bought
}

// formToken is what a login or an extension bought.
type formToken struct {
	value  string
	answer *Answer
	long   bool
}

func registerForm(w *World, sc *godog.ScenarioContext) speaker {
	declared := w.subject.Manifest.Dialects.Form
	f := &formWords{World: w, manifest: declared, formSpeaker: formSpeaker{w, declared}}
	w.registerForget(sc, declared.Throttle)
	f.registerLogins(sc)
	f.registerResource(sc)
	f.registerTokens(sc)
	f.registerTimes(sc)
	return f.formSpeaker
}

// token finds a token by its ordinal; "" is the newest.
func (f *formWords) token(ordinal string) (*formToken, error) {
	if len(f.tokens) == 0 {
		return nil, errors.New("no token was bought before this step")
	}
	if ordinal == "" {
		return f.tokens[len(f.tokens)-1], nil
	}
	i, known := ordinals[ordinal]
	if !known || i >= len(f.tokens) {
		return nil, fmt.Errorf("there is no %s token; %d were bought", ordinal, len(f.tokens))
	}
	return f.tokens[i], nil
}

// sendAndKeep sends a request and remembers the token that it buys, if it
// does.
func (f *formWords) sendAndKeep(ctx context.Context, r Request, long bool) error {
	answer, err := f.send(ctx, r)
	if err != nil {
		return err
	}
	f.keep(answer, long)
	return nil
}

// keep remembers the token that an answer grants, if it does.
func (f *formWords) keep(a *Answer, long bool) {
	if g := f.granted(a); g != nil {
		f.tokens = append(f.tokens, &formToken{value: g.access, answer: a, long: long})
	}
}
