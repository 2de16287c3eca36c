package doctor

import (
	"context"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// probe examines a subject in one dialect. One call at a time.
type probe struct {
	*examination
	dialect.Client
	on *exchange.Client
	at string // "dialects.session." and the like: where its keys stand
}

// logIn tries a login, and waits for a throttle that earlier logins may have
// tripped. The token is "" where it was refused; the error says that there was
// no answer.
func (p *probe) logIn(ctx context.Context, login, password string) (a *exchange.Answer, token string, err error) {
	var granted *dialect.Grant
	a, err = p.on.PastThrottle(ctx, p.Locked, func() (answer *exchange.Answer, err error) {
		answer, granted, err = p.LogIn(ctx, dialect.Credentials{Login: login, Password: password})
		return answer, err
	})
	if granted != nil {
		token = granted.Access
	}
	return a, token, err
}

// logInAt tries the login at another path, or with one more header where name
// is not "".
func (p *probe) logInAt(ctx context.Context, path, name, value string) (*exchange.Answer, error) {
	r := p.LoginRequest(p.Full())
	if path != "" {
		r.Path = path
	}
	if name != "" {
		r = r.With(name, value)
	}
	return p.on.Do(ctx, r)
}

// get asks for a path with a token, unless it is "", and with one more header
// where name is not "".
func (p *probe) get(ctx context.Context, path, token, name, value string) (*exchange.Answer, error) {
	r := exchange.NewRequest(http.MethodGet, path)
	if token != "" {
		r = p.Authorize(r, token)
	}
	if name != "" {
		r = r.With(name, value)
	}
	return p.on.Do(ctx, r)
}

// wrongCredentials says whether an answer refuses a login with the rpc
// dialect's code for an unknown name or a wrong password.
func wrongCredentials(a *exchange.Answer) bool {
	code, _ := a.ErrorCode()
	return strings.HasSuffix(code, "WRONG_CREDENTIALS") || strings.HasSuffix(code, "PASSWORD_INVALID")
}

// account logs in with a declared account and returns its token, or "". Where
// the subject knows no such account, or has no login there, its manifest is
// wrong, and nothing is to be judged by it.
func (p *probe) account(ctx context.Context, which, login, password, loginKey string) string {
	where := p.at + "accounts." + which
	answer, token, err := p.logIn(ctx, login, password)
	if err != nil && ctx.Err() == nil && which == "full" {
		answer, token, err = p.logIn(ctx, login, password) // one may be lost
	}
	switch {
	case err != nil && which == "full":
		p.fatal(where, "see that the subject runs, and look into its log", "the login got no answer: %v", err)
	case err != nil:
		p.warn(where, "see that the subject runs and answers POSTs", "the login got no answer: %v", err)
	case token != "":
		return token
	case which == "full" && p.redirected(answer):
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusMethodNotAllowed:
		p.fatal(where, "correct the paths in "+loginKey, "there is no login at %s: it answers %s", answer.Request.Path, answer.Outcome())
	case answer.Status == http.StatusTooManyRequests || answer.Status == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "":
		say := p.warn
		if which == "full" {
			say = p.fatal // waiting has not helped
		}
		say(where, "wait, or declare "+p.at+"throttle with its wait", "the login is throttled: %s", answer.Outcome())
	case answer.Status >= http.StatusInternalServerError:
		p.warn(where, "look into the subject's log", "the login fails in the subject: %s", answer.Outcome())
	case answer.Accepted() && answer.Outcome() == "200 OK":
		p.warn(where, "see whether the path in "+loginKey+" is that of the login", "the login answers 200 OK without a token that can be read")
	case which == "full" && (answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || wrongCredentials(answer)):
		p.fatal(where, "correct its name and password, and see that the subject has such an account", "the login is refused: %s", answer.Outcome())
	default:
		p.warn(where, "correct its name and password, and see that the subject has such an account", "the login is refused: %s", answer.Outcome())
	}
	return ""
}

// mayRead asks for the protected resource with the full account's token.
func (p *probe) mayRead(ctx context.Context, token, key string) {
	answer, err := p.Access(ctx, token)
	p.reads(answer, err, key)
}

// reads says what is wrong with an answer that has to be 2xx.
func (p *probe) reads(answer *exchange.Answer, err error, key string) {
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
			"the full account's token grants no access to %s: %s", answer.Request.Path, answer.Outcome())
	}
}

// limited logs in with an account that may not read the protected resource.
func (p *probe) limited(ctx context.Context, login, password, loginKey string) {
	token := p.account(ctx, "limited", login, password, loginKey)
	if token == "" {
		return
	}
	if answer, err := p.Access(ctx, token); err == nil && answer.Accepted() {
		p.warn(p.at+"accounts.limited", "take the right from it, or leave it out", "this account may read the protected resource: %s", answer.Outcome())
	}
}

// capability says that a declared capability is absent.
func (p *probe) capability(name, cause string, args ...any) {
	p.warn(p.at+name, "leave the key out if the subject lacks the capability; as long as it is declared, its rows are judged", cause, args...)
}
