package form

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerLogins binds the steps about logins and what they answer.
func (f *steps) registerLogins() {
	f.Step(`^the full account logs in$`, func(ctx context.Context) error {
		return f.logIn(ctx, f.LoginRequest(f.Full()), false)
	})
	f.Step(`^the full account logs in with longtoken "(true|false)"$`, f.logInWithLongToken)
	f.Step(`^the full account is logged in(?: a second time)?$`, func(ctx context.Context) error {
		return f.mustBeLoggedIn(ctx, f.LoginRequest(f.Full()), false)
	})
	f.Step(`^the full account is logged in with longtoken "true"$`, func(ctx context.Context) error {
		return f.mustBeLoggedIn(ctx, f.longLoginRequest("true"), true)
	})
	f.Step(`^the form "([^"]*)" is sent$`, f.thisFormIsSent)
	f.Step(`^a form of (\d+) MiB is sent$`, f.aLargeFormIsSent)
	f.Step(`^the login's members are sent as JSON$`, f.logInByJSON)
	f.Step(`^the credentials are sent in the query string with "(POST|GET)"$`, f.logInByQuery)
	f.Step(`^each declared account logs in$`, f.eachAccountLogsIn)
	f.Step(`^"user" names the account in each answer$`, f.userNamesEachAccount)
}

func (f *steps) longLoginRequest(value string) exchange.Request {
	r := f.LoginRequest(f.Full())
	r.Body += "&longtoken=" + value
	return r
}

func (f *steps) logInWithLongToken(ctx context.Context, value string) error {
	return f.logIn(ctx, f.longLoginRequest(value), value == "true")
}

// logIn sends a login with the right password, and remembers the token
// that it obtains, if it does.
func (f *steps) logIn(ctx context.Context, r exchange.Request, long bool) error {
	answer, err := f.TryLogin(ctx, func() (*exchange.Answer, error) { return f.Send(ctx, r) })
	if err != nil {
		return err
	}
	f.keep(answer, long)
	return nil
}

func (f *steps) mustBeLoggedIn(ctx context.Context, r exchange.Request, long bool) error {
	before := len(f.tokens)
	if err := f.logIn(ctx, r, long); err != nil {
		return err
	}
	if len(f.tokens) == before {
		return fmt.Errorf("expected the login to obtain a token, got %s", f.Last.Brief())
	}
	return nil
}

// thisFormIsSent sends a body as it stands; LOGIN and PASSWORD in it stand for
// the full account's.
func (f *steps) thisFormIsSent(ctx context.Context, body string) error {
	who := f.Full()
	f.Subject.Secrets.Add("password", who.Password)
	body = strings.NewReplacer("LOGIN", url.QueryEscape(who.Login), "PASSWORD", url.QueryEscape(who.Password)).Replace(body)
	_, err := f.Send(ctx, f.LoginPath(http.MethodPost).WithBody(dialect.FormContentType, body))
	return err
}

func (f *steps) aLargeFormIsSent(ctx context.Context, mib int) error {
	r, err := f.LoginRequest(f.Full()).Padded(mib << 20)
	if err != nil {
		return err
	}
	return f.SendOversized(ctx, r)
}

func (f *steps) logInByJSON(ctx context.Context) error {
	who := f.Full()
	f.Subject.Secrets.Add("password", who.Password)
	_, err := f.Send(ctx, f.LoginPath(http.MethodPost).WithJSON(map[string]string{"login": who.Login, "pass": who.Password}))
	return err
}

// logInByQuery leaves the form empty; a GET has none.
func (f *steps) logInByQuery(ctx context.Context, method string) error {
	who := f.Full()
	f.Subject.Secrets.Add("password", who.Password)
	r := f.LoginPath(method)
	if method == http.MethodPost {
		r = r.WithBody(dialect.FormContentType, "")
	}
	_, err := f.Send(ctx, r.WithQuery("login", who.Login).WithQuery("pass", who.Password))
	return err
}

func (f *steps) accounts() []manifest.LoginAccount {
	accounts := []manifest.LoginAccount{f.declared.Accounts.Full}
	if limited := f.declared.Accounts.Limited; limited != nil {
		accounts = append(accounts, *limited)
	}
	return accounts
}

func (f *steps) eachAccountLogsIn(ctx context.Context) error {
	var requests []exchange.Request
	for _, account := range f.accounts() {
		requests = append(requests, f.LoginRequest(dialect.Credentials{Login: account.Login, Password: account.Password}))
	}
	return f.SendEach(ctx, requests...)
}

// userNamesEachAccount takes a text that holds the login, and an object that
// holds such a text somewhere.
func (f *steps) userNamesEachAccount() error {
	accounts := f.accounts()
	if len(f.Several) != len(accounts) {
		return errors.New("no account logged in before this step")
	}
	for i, a := range f.Several {
		if !a.Accepted() {
			return fmt.Errorf("expected a 2xx, got %s", a.Brief())
		}
		user, _, err := a.Member("user")
		if err != nil {
			return err
		}
		login := strings.ToLower(accounts[i].Login)
		if !slices.ContainsFunc(exchange.Scalars(user), func(text string) bool {
			return strings.Contains(strings.ToLower(text), login)
		}) {
			return fmt.Errorf("expected %q in the member \"user\", got %s", accounts[i].Login, a.Brief())
		}
	}
	return nil
}
