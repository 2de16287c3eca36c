package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// registerLogins binds the words about logins and what they answer.
func (f *formWords) registerLogins(sc *godog.ScenarioContext) {
	f.step(sc, `^the full account logs in$`, func(ctx context.Context) error {
		return f.logIn(ctx, f.loginRequest(f.full()), false)
	})
	f.step(sc, `^the full account logs in with longtoken "(true|false)"$`, f.logInWithLongToken)
	f.step(sc, `^the full account is logged in(?: a second time)?$`, func(ctx context.Context) error {
		return f.mustBeLoggedIn(ctx, f.loginRequest(f.full()), false)
	})
	f.step(sc, `^the full account is logged in with longtoken "true"$`, func(ctx context.Context) error {
		return f.mustBeLoggedIn(ctx, f.longLoginRequest("true"), true)
	})
	f.step(sc, `^the form "([^"]*)" is sent$`, f.thisFormIsSent)
	f.step(sc, `^a form of (\d+) MiB is sent$`, f.aLargeFormIsSent)
	f.step(sc, `^the login's members are sent as JSON$`, f.logInByJSON)
	f.step(sc, `^the credentials are sent in the query string with "(POST|GET)"$`, f.logInByQuery)
	f.step(sc, `^each declared account logs in$`, f.eachAccountLogsIn)
	f.step(sc, `^"user" names the account in each answer$`, f.userNamesEachAccount)
}

func (f *formWords) longLoginRequest(value string) Request {
	r := f.loginRequest(f.full())
	r.Body += "&longtoken=" + value
	return r
}

func (f *formWords) logInWithLongToken(ctx context.Context, value string) error {
	return f.logIn(ctx, f.longLoginRequest(value), value == "true")
}

// logIn sends a login with the right password, and remembers the token that it
// buys, if it does.
func (f *formWords) logIn(ctx context.Context, r Request, long bool) error {
	answer, err := f.patiently(ctx, func() (*Answer, error) { return f.send(ctx, r) })
	if err != nil {
		return err
	}
	f.keep(answer, long)
	return nil
}

func (f *formWords) mustBeLoggedIn(ctx context.Context, r Request, long bool) error {
	before := len(f.tokens)
	if err := f.logIn(ctx, r, long); err != nil {
		return err
	}
	if len(f.tokens) == before {
		return fmt.Errorf("expected the login to buy a token, got %s", f.last.brief())
	}
	return nil
}

// thisFormIsSent sends a body as it stands; LOGIN and PASSWORD in it stand for
// the full account's.
func (f *formWords) thisFormIsSent(ctx context.Context, body string) error {
	who := f.full()
	f.subject.Secrets.Add("password", who.password)
	body = strings.NewReplacer("LOGIN", formText(who.login), "PASSWORD", formText(who.password)).Replace(body)
	_, err := f.send(ctx, f.loginPath().withBody(formContentType, body))
	return err
}

// formText is a text as it stands in a form.
func formText(text string) string { return strings.TrimPrefix(formFields("", text), "=") }

func (f *formWords) aLargeFormIsSent(ctx context.Context, mib int) error {
	r, err := padded(f.loginRequest(f.full()), mib<<20)
	if err != nil {
		return err
	}
	return f.oversized(ctx, r)
}

func (f *formWords) logInByJSON(ctx context.Context) error {
	who := f.full()
	f.subject.Secrets.Add("password", who.password)
	_, err := f.send(ctx, f.loginPath().withJSON(map[string]string{"login": who.login, "pass": who.password}))
	return err
}

// logInByQuery leaves the form empty; a GET has none.
func (f *formWords) logInByQuery(ctx context.Context, method string) error {
	who := f.full()
	f.subject.Secrets.Add("password", who.password)
	r := request(method, f.manifest.Prefix+f.manifest.Login)
	if method == http.MethodPost {
		r = r.withBody(formContentType, "")
	}
	_, err := f.send(ctx, r.withQuery("login", who.login).withQuery("pass", who.password))
	return err
}

func (f *formWords) accounts() []manifest.LoginAccount {
	accounts := []manifest.LoginAccount{f.manifest.Accounts.Full}
	if limited := f.manifest.Accounts.Limited; limited != nil {
		accounts = append(accounts, *limited)
	}
	return accounts
}

func (f *formWords) eachAccountLogsIn(ctx context.Context) error {
	var requests []Request
	for _, account := range f.accounts() {
		requests = append(requests, f.loginRequest(credentials{account.Login, account.Password}))
	}
	return f.sendEach(ctx, requests...)
}

// userNamesEachAccount takes a text that holds the login, and an object that
// holds such a text somewhere.
func (f *formWords) userNamesEachAccount() error {
	accounts := f.accounts()
	if len(f.several) != len(accounts) {
		return errors.New("no account logged in before this step")
	}
	for i, a := range f.several {
		if !a.success() {
			return fmt.Errorf("expected a 2xx, got %s", a.brief())
		}
		user, _, err := a.member("user")
		if err != nil {
			return err
		}
		login := strings.ToLower(accounts[i].Login)
		if !slices.ContainsFunc(leafTexts(user), func(text string) bool {
			return strings.Contains(strings.ToLower(text), login)
		}) {
			return fmt.Errorf("expected %q in the member \"user\", got %s", accounts[i].Login, a.brief())
		}
	}
	return nil
}
