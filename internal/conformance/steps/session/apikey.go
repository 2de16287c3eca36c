package session

import (
	"context"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerAPIKey binds the steps of SES-21.
func (s *steps) registerAPIKey() {
	s.Step(`^what the API key grants access to is asked for with the key$`, func(ctx context.Context) error {
		return s.askWithKey(ctx, s.declared.APIKey.Allowed, s.declared.APIKey.Key)
	})
	s.Step(`^what the API key grants no access to is asked for with the key$`, func(ctx context.Context) error {
		return s.askWithKey(ctx, s.declared.APIKey.Denied, s.declared.APIKey.Key)
	})
	s.Step(`^what the API key grants access to is asked for with garbled forms of the key$`, func(ctx context.Context) error {
		var requests []exchange.Request
		for _, key := range tokens.Garblings(s.declared.APIKey.Key) {
			requests = append(requests, s.keyRequest(s.declared.APIKey.Allowed, key))
		}
		return s.SendEach(ctx, requests...)
	})
}

func (s *steps) keyRequest(path, key string) exchange.Request {
	s.Subject.Secrets.Add("key", key)
	return exchange.NewRequest(http.MethodGet, s.declared.Prefix+path, "X-Api-Key", key)
}

func (s *steps) askWithKey(ctx context.Context, path, key string) error {
	_, err := s.Send(ctx, s.keyRequest(path, key))
	return err
}
