package doctor

import (
	"context"
	"fmt"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

func (p *probe) session(ctx context.Context, s *manifest.Session) {
	const loginKey = "dialects.session.login and prefix"
	token := p.account(ctx, "full", s.Accounts.Full.Email, s.Accounts.Full.Password, loginKey)
	if token == "" {
		return
	}
	p.mayRead(ctx, token, "protected")
	if limited := s.Accounts.Limited; limited != nil {
		p.limited(ctx, limited.Email, limited.Password, loginKey)
	}
	if api := s.SessionsAPI; api != nil {
		answer, err := p.get(ctx, s.Prefix+api.List, token, "", "")
		p.has(answer, err, "sessions_api", "the list of sessions is not there")
	}
	if key := s.APIKey; key != nil {
		answer, err := p.get(ctx, s.Prefix+key.Allowed, "", "x-api-key", key.Key)
		p.has(answer, err, "api_key", "the key grants no access to what is declared as allowed")
	}
	for i, locale := range s.Locales {
		where := fmt.Sprintf("locales[%d]", i)
		answer, err := p.logInAt(ctx, s.Prefix+locale.Login, "", "")
		p.has(answer, err, where+".login", "the login of "+locale.Name+" is not there")
		answer, err = p.get(ctx, s.Prefix+locale.Protected, token, "", "")
		p.has(answer, err, where+".protected", "the collection of "+locale.Name+" is not there")
	}
	if s.Inflection {
		answer, err := p.logInAt(ctx, "", "x-api-inflection", "camel")
		if err != nil {
			return
		}
		if _, found, err := answer.Member("accessToken"); err != nil || !found {
			p.capability("inflection", "a login with x-api-inflection: camel answers %s without accessToken", answer.Outcome())
		}
	}
}

func (p *probe) form(ctx context.Context, f *manifest.Form) {
	const loginKey = "dialects.form.login and prefix"
	token := p.account(ctx, "full", f.Accounts.Full.Login, f.Accounts.Full.Password, loginKey)
	if token == "" {
		return
	}
	p.mayRead(ctx, token, "protected")
	if limited := f.Accounts.Limited; limited != nil {
		p.account(ctx, "limited", limited.Login, limited.Password, loginKey)
	}
}

func (p *probe) rpc(ctx context.Context, r *manifest.RPC, client *dialect.RPC) {
	token := p.account(ctx, "full", r.Accounts.Full.Login, r.Accounts.Full.Password, "dialects.rpc.http.path")
	if token == "" {
		return
	}
	p.mayRead(ctx, token, "protected")
	if limited := r.Accounts.Limited; limited != nil {
		p.account(ctx, "limited", limited.Login, limited.Password, "dialects.rpc.http.path")
	}
	if r.GRPC != nil && r.HTTP != nil { // without HTTP, the login has shown it
		p.issues(ctx, client, dialect.OverGRPC, dialect.AuthenticateEx, "grpc", "AuthenticateEx over direct gRPC issues no token")
	}
	if r.V1Names {
		p.issues(ctx, client, client.Transport(), dialect.AuthService+"Authenticate", "v1_names", "Authenticate issues no token")
	}
	if r.REST != nil {
		p.issues(ctx, client, dialect.OverREST, dialect.AuthenticateEx2, "rest", "the login over REST issues no token")
	}
	if r.V2Names {
		p.issues(ctx, client, client.Transport(), dialect.AuthenticateEx2, "v2_names", "AuthenticateEx2 issues no token")
	}
}

// issues wants a token from a login method of the rpc dialect.
func (p *probe) issues(ctx context.Context, client *dialect.RPC, transport, method, key, absent string) {
	answer, err := client.Call(ctx, transport, dialect.LoginCall(method, client.Full()))
	if err != nil {
		p.granted(nil, false, err, key, absent)
		return
	}
	_, err = client.TokenIn(answer)
	p.granted(answer, err == nil, nil, key, absent)
}

func (p *probe) scoped(ctx context.Context, s *manifest.Scoped) {
	const loginKey = "dialects.scoped.auth and prefix"
	token := p.account(ctx, "full", s.Accounts.Full.Login, s.Accounts.Full.Password, loginKey)
	if token == "" {
		return
	}
	paths := s.Resources
	for _, declared := range [][2]string{
		{"resources.list", paths.List}, {"resources.item", paths.Item}, {"resources.below", paths.Below},
		{"resources.other", paths.Other}, {"tokens", s.Tokens},
	} {
		answer, err := p.get(ctx, s.Prefix+declared[1], token, "", "")
		p.reads(answer, err, declared[0])
	}
	write := exchange.NewRequest(paths.Write, s.Prefix+paths.List).WithBody("application/json", paths.WriteBody)
	answer, err := p.on.Do(ctx, p.Authorize(write, token))
	p.writes(answer, err)
	if limited := s.Accounts.Limited; limited != nil {
		p.limited(ctx, limited.Login, limited.Password, loginKey)
	}
	if s.Methods != "" {
		answer, err := p.get(ctx, s.Prefix+s.Methods, token, "", "")
		p.has(answer, err, "methods", "the list of methods is not there")
	}
}

// writes wants a 2xx of the method that the rows use beside GET.
func (p *probe) writes(answer *exchange.Answer, err error) {
	switch where := p.at + "resources.write"; {
	case err != nil:
		p.warn(where, "see that the subject still runs", "it got no answer: %v", err)
	case !answer.Accepted():
		p.warn(where, "name a method that "+answer.Request.Path+" offers beside GET, and its body in write_body",
			"%s %s answers %s", answer.Request.Method, answer.Request.Path, answer.Outcome())
	}
}

// has wants a 2xx where a capability is declared.
func (p *probe) has(answer *exchange.Answer, err error, key, absent string) {
	p.granted(answer, err == nil && answer.Accepted(), err, key, absent)
}

func (p *probe) granted(answer *exchange.Answer, granted bool, err error, key, absent string) {
	switch {
	case err != nil:
		p.capability(key, "%s: %v", absent, err)
	case !granted:
		p.capability(key, "%s: %s answers %s", absent, answer.Request.Path, answer.Outcome())
	}
}
