package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cucumber/godog"
)

// registerManage binds the words about issuing with a token, changing and
// revoking. "It" issues: the managing token.
func (s *scopedWords) registerManage(sc *godog.ScenarioContext) {
	s.step(sc, `^it issues a token (with a name of its own|without a name), for "([^"]*)" and the scopes "([^"]*)"$`, s.issues)
	s.step(sc, `^it issues a token with a name of its own, for "([^"]*)" and without scopes$`, s.issuesWithoutScopes)
	s.step(sc, `^a token issued with it, with a name of its own, for "([^"]*)" and the scopes "([^"]*)"$`, s.haveIssued)
	s.step(sc, `^it sends the body (.+) to issue a token$`, s.sendToIssue)
	s.step(sc, `^(GET|DELETE) of the token's id is sent$`, s.sendToID)
	s.step(sc, `^(PUT|PATCH) of the token's id is sent with another name, life and scopes$`, s.sendChange)
	s.step(sc, `^the token is revoked$`, func(ctx context.Context) error { return s.sendToID(ctx, http.MethodDelete) })
	s.step(sc, `^an unknown token is revoked$`, s.revokeUnknown)
	s.step(sc, `^the answer does not show the token's value$`, s.valueIsNotShown)
}

// issues asks the managing token for another, which becomes the token.
func (s *scopedWords) issues(ctx context.Context, naming, life, scopes string) error {
	asked := issue{life: life, scopes: s.scopes(scopes)}
	if naming == "with a name of its own" {
		asked.name = ownName()
	}
	return s.issue(ctx, asked)
}

func (s *scopedWords) issuesWithoutScopes(ctx context.Context, life string) error {
	return s.issue(ctx, issue{life: life, name: ownName()})
}

func (s *scopedWords) issue(ctx context.Context, asked issue) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	s.token, err = s.ask(ctx, s.issueRequest(managing, asked), asked)
	return err
}

// ownName is a name that no other token has.
func ownName() string { return "dragoman-" + randomHex(8) }

func (s *scopedWords) haveIssued(ctx context.Context, life, scopes string) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	asked := issue{life: life, name: ownName(), scopes: s.scopes(scopes)}
	s.token, err = s.get(ctx, s.issueRequest(managing, asked), asked)
	return err
}

// sendToIssue posts a text as it stands, its names filled in.
func (s *scopedWords) sendToIssue(ctx context.Context, body string) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	r := request("POST", s.config.Prefix+s.config.Tokens).withBody("application/json", s.names.Replace(body))
	_, err = s.send(ctx, bearing(r, managing))
	return err
}

// atID is a request to the token's own path, with the managing token.
func (s *scopedWords) atID(ctx context.Context, method string) (Request, error) {
	managing, err := s.named("the managing token")
	if err != nil {
		return Request{}, err
	}
	token, err := s.named("the token")
	if err != nil {
		return Request{}, err
	}
	id, err := s.idOf(ctx, token)
	if err != nil {
		return Request{}, err
	}
	return bearing(request(method, s.config.Prefix+s.config.Tokens+"/"+id), managing), nil
}

// idOf is a token's id. Where the answer to its issue did not say it, the list
// does, by the token's name.
func (s *scopedWords) idOf(ctx context.Context, token *scopedToken) (string, error) {
	if token.id != "" {
		return token.id, nil
	}
	answer, err := s.exchange(ctx, bearing(request("GET", s.config.Prefix+s.config.Tokens), s.managing))
	if err != nil {
		return "", err
	}
	entry, err := findEntry(answer, token)
	if err != nil {
		return "", err
	}
	id, ok := entry["_id"].(string)
	if !ok || id == "" {
		return "", errors.New("expected the token's _id in the answer to its issue or in the list, got none")
	}
	token.id = id
	return id, nil
}

func (s *scopedWords) sendToID(ctx context.Context, method string) error {
	r, err := s.atID(ctx, method)
	if err != nil {
		return err
	}
	_, err = s.send(ctx, r)
	return err
}

// sendChange asks for everything to be otherwise than it was issued.
func (s *scopedWords) sendChange(ctx context.Context, method string) error {
	r, err := s.atID(ctx, method)
	if err != nil {
		return err
	}
	_, err = s.send(ctx, r.withJSON(map[string]any{
		"name": ownName(), "expiresIn": "90 days", "scopes": s.scopes("GET {list}, GET {other}"),
	}))
	return err
}

func (s *scopedWords) revokeUnknown(ctx context.Context) error {
	managing, err := s.named("the managing token")
	if err != nil {
		return err
	}
	const idBytes = 12 // 24 hexadecimal digits, as ids have
	path := s.config.Prefix + s.config.Tokens + "/" + randomHex(idBytes)
	_, err = s.send(ctx, bearing(request(http.MethodDelete, path), managing))
	return err
}

// valueIsNotShown looks for the token, and for the signature that makes it
// worth something, in the body and in the header.
func (s *scopedWords) valueIsNotShown() error {
	a, err := s.answer()
	if err != nil {
		return err
	}
	token, err := s.named("the token")
	if err != nil {
		return err
	}
	for _, value := range []string{token.value, unguessable(token.value)} {
		if strings.Contains(a.Body, value) {
			return fmt.Errorf("expected the token's value never to be shown again, got it in the body of %s", a.brief())
		}
		for name, values := range a.Header {
			if strings.Contains(strings.Join(values, "\n"), value) {
				return fmt.Errorf("expected the token's value never to be shown again, got it in the header %s of %s", name, a.brief())
			}
		}
	}
	return nil
}
