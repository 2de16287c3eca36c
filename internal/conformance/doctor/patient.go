package doctor

import (
	"context"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps"
)

// patient is a subject in one dialect.
type patient struct {
	*examination
	*steps.Visitor
	at string // "dialects.session." and the like: where its keys stand
}

// account logs in with a declared account and returns its token, or "". Where
// the subject knows no such account, or has no login there, its manifest is
// wrong, and nothing is to be judged by it.
func (p *patient) account(ctx context.Context, which, login, password, loginKey string) string {
	where := p.at + "accounts." + which
	answer, token, err := p.LogIn(ctx, login, password)
	switch {
	case err != nil:
		p.warn(where, "see that the subject runs and answers POSTs", "the login got no answer: %v", err)
	case token != "":
		return token
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusMethodNotAllowed:
		p.fatal(where, "correct the paths in "+loginKey, "there is no login at %s: it answers %s", answer.Request.Path, answer.Outcome())
	case answer.Status == http.StatusTooManyRequests:
		p.warn(where, "wait, or declare "+p.at+"throttle with its wait", "the login is throttled: %s", answer.Outcome())
	case answer.Status >= http.StatusInternalServerError:
		p.warn(where, "look into the subject's log", "the login fails in the subject: %s", answer.Outcome())
	case answer.Accepted() && answer.Outcome() == "200 OK":
		p.warn(where, "see whether the path in "+loginKey+" is that of the login", "the login answers 200 OK without a token that can be read")
	case which == "full" && (answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || answer.WrongCredentials()):
		p.fatal(where, "correct its name and password, and see that the subject has such an account", "the login is refused: %s", answer.Outcome())
	default:
		p.warn(where, "correct its name and password, and see that the subject has such an account", "the login is refused: %s", answer.Outcome())
	}
	return ""
}

// mayRead asks for the protected resource with the full account's token.
func (p *patient) mayRead(ctx context.Context, token, key string) {
	answer, err := p.Open(ctx, token)
	p.reads(answer, err, key)
}

// reads says what is wrong with an answer that has to be 2xx.
func (p *patient) reads(answer *steps.Answer, err error, key string) {
	switch {
	case err != nil:
		p.warn(p.at+key, "see that the subject still runs", "it got no answer: %v", err)
	case answer.Accepted():
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusMethodNotAllowed:
		p.warn(p.at+key, "name a path that exists", "there is nothing at %s: it answers %s", answer.Request.Path, answer.Outcome())
	case answer.Status == http.StatusForbidden:
		p.warn(p.at+"accounts.full", "give it the right, or name another account or path ("+p.at+key+")",
			"this account has no right to read %s: %s", answer.Request.Path, answer.Outcome())
	default:
		p.warn(p.at+key, "see that it takes the token of this dialect's login",
			"the full account's token does not open %s: %s", answer.Request.Path, answer.Outcome())
	}
}

// limited logs in with an account that may not read the protected resource.
func (p *patient) limited(ctx context.Context, login, password, loginKey string) {
	token := p.account(ctx, "limited", login, password, loginKey)
	if token == "" {
		return
	}
	if answer, err := p.Open(ctx, token); err == nil && answer.Accepted() {
		p.warn(p.at+"accounts.limited", "take the right from it, or leave it out", "this account may read the protected resource: %s", answer.Outcome())
	}
}

// capability says that a declared capability is absent.
func (p *patient) capability(name, cause string, args ...any) {
	p.warn(p.at+name, "leave the key out if the subject lacks the capability; as long as it is declared, its rows are judged", cause, args...)
}
