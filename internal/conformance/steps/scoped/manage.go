package scoped

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerManage binds the steps about issuing with a token, changing and
// revoking. "It" issues: the managing token.
func (s *steps) registerManage() {
	s.Step(`^it issues a token (with a name of its own|without a name), for "([^"]*)" and the scopes "([^"]*)"$`, s.issues)
	s.Step(`^it issues a token with a name of its own, for "([^"]*)" and without scopes$`, s.issuesWithoutScopes)
	s.Step(`^a token issued with it, with a name of its own, for "([^"]*)" and the scopes "([^"]*)"$`, s.haveIssued)
	s.Step(`^it sends the body (.+) to issue a token$`, s.sendToIssue)
	s.Step(`^(GET|DELETE) of the token's id is sent$`, s.sendToID)
	s.Step(`^DELETE of the token's id is sent without a token$`, s.revokesWithoutToken)
	s.Step(`^(PUT|PATCH) of the token's id is sent with another name, life and scopes$`, s.sendChange)
	s.Step(`^the token is revoked$`, func(ctx context.Context) error { return s.sendToID(ctx, http.MethodDelete) })
	s.Step(`^DELETE of its own id is sent with the token$`, s.revokesItself)
	s.Step(`^an unknown token is revoked$`, s.revokeUnknown)
	s.Step(`^the answer does not show the token's value$`, s.valueIsNotShown)
}

// issues asks the managing token for another, which becomes the token.
func (s *steps) issues(ctx context.Context, naming, life, scopes string) error {
	asked := dialect.Issue{Life: life, Scopes: s.scopes(scopes)}
	if naming == "with a name of its own" {
		asked.Name = dialect.OwnName()
	}
	return s.issue(ctx, asked)
}

func (s *steps) issuesWithoutScopes(ctx context.Context, life string) error {
	return s.issue(ctx, dialect.Issue{Life: life, Name: dialect.OwnName()})
}

func (s *steps) issue(ctx context.Context, asked dialect.Issue) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	s.token, err = s.ask(ctx, s.IssueRequest(managing.value, asked), asked)
	return err
}

func (s *steps) haveIssued(ctx context.Context, life, scopes string) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	asked := dialect.Issue{Life: life, Name: dialect.OwnName(), Scopes: s.scopes(scopes)}
	s.token, err = s.get(ctx, s.IssueRequest(managing.value, asked), asked)
	return err
}

// sendToIssue posts a text as it stands, its names filled in.
func (s *steps) sendToIssue(ctx context.Context, body string) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	r := exchange.NewRequest("POST", s.declared.Prefix+s.declared.Tokens).WithBody("application/json", s.names.Replace(body))
	_, err = s.Send(ctx, s.bearing(r, managing))
	return err
}

// atID is a request to the token's own path, without a token.
func (s *steps) atID(ctx context.Context, method string) (exchange.Request, error) {
	token, err := s.named("the token")
	if err != nil {
		return exchange.Request{}, err
	}
	id, err := s.idOf(ctx, token)
	if err != nil {
		return exchange.Request{}, err
	}
	return exchange.NewRequest(method, s.declared.Prefix+s.declared.Tokens+"/"+id), nil
}

// managed is a request to the token's own path, with the managing token.
func (s *steps) managed(ctx context.Context, method string) (exchange.Request, error) {
	managing, err := s.named("the managing token")
	if err != nil {
		return exchange.Request{}, err
	}
	r, err := s.atID(ctx, method)
	if err != nil {
		return exchange.Request{}, err
	}
	return s.bearing(r, managing), nil
}

// errNoID says that nobody knows a token's id.
var errNoID = &exchange.LackingError{What: "the token's _id"}

// idOf is a token's id. Where the answer to its issue did not say it, the list
// does, by the token's name.
func (s *steps) idOf(ctx context.Context, token *scopedToken) (string, error) {
	if token.id != "" {
		return token.id, nil
	}
	answer, err := s.Do(ctx, s.bearing(exchange.NewRequest("GET", s.declared.Prefix+s.declared.Tokens), s.managing))
	if err != nil {
		return "", err
	}
	entry, err := findEntry(answer, token)
	if err != nil {
		return "", err
	}
	id, ok := entry["_id"].(string)
	if !ok || id == "" {
		return "", errNoID
	}
	token.id = id
	return id, nil
}

func (s *steps) sendToID(ctx context.Context, method string) error {
	r, err := s.managed(ctx, method)
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, r)
	return err
}

// revokesWithoutToken sends what would revoke the token, and no token with it.
func (s *steps) revokesWithoutToken(ctx context.Context) error {
	r, err := s.atID(ctx, http.MethodDelete)
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, r)
	return err
}

// sendChange asks for everything to be otherwise than it was issued.
func (s *steps) sendChange(ctx context.Context, method string) error {
	r, err := s.managed(ctx, method)
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, r.WithJSON(map[string]any{
		"name": dialect.OwnName(), "expiresIn": "90 days", "scopes": s.scopes("GET {list}, GET {other}"),
	}))
	return err
}

// revokesItself sends the token to its own path.
func (s *steps) revokesItself(ctx context.Context) error {
	token, err := s.named("the token")
	if err != nil {
		return err
	}
	if token.id == "" {
		return errNoID
	}
	path := s.declared.Prefix + s.declared.Tokens + "/" + token.id
	_, err = s.Send(ctx, s.bearing(exchange.NewRequest(http.MethodDelete, path), token))
	return err
}

func (s *steps) revokeUnknown(ctx context.Context) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	const idBytes = 12 // 24 hexadecimal digits, as ids have
	path := s.declared.Prefix + s.declared.Tokens + "/" + shared.RandomHex(idBytes)
	_, err = s.Send(ctx, s.bearing(exchange.NewRequest(http.MethodDelete, path), managing))
	return err
}

// valueIsNotShown looks for the token, and for the signature that makes it
// worth something, in the body and in the header.
func (s *steps) valueIsNotShown() error {
	a, err := s.Answer()
	if err != nil {
		return err
	}
	token, err := s.named("the token")
	if err != nil {
		return err
	}
	for _, value := range []string{token.value, tokens.Unguessable(token.value)} {
		if strings.Contains(a.Body, value) {
			return fmt.Errorf("expected the token's value never to be shown again, got it in the body of %s", a.Brief())
		}
		for name, values := range exchange.ByName(a.Header) {
			if strings.Contains(strings.Join(values, "\n"), value) {
				return fmt.Errorf("expected the token's value never to be shown again, got it in the header %s of %s", name, a.Brief())
			}
		}
	}
	return nil
}
