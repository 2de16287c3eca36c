package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cucumber/godog"
)

// registerAPIKey binds the words of SES-21.
func (s *sessionWords) registerAPIKey(sc *godog.ScenarioContext) {
	s.step(sc, `^what the API key may open is asked for with the key$`, func(ctx context.Context) error {
		return s.askWithKey(ctx, s.manifest.APIKey.Allowed, s.manifest.APIKey.Key)
	})
	s.step(sc, `^what the API key may not open is asked for with the key$`, func(ctx context.Context) error {
		return s.askWithKey(ctx, s.manifest.APIKey.Denied, s.manifest.APIKey.Key)
	})
	s.step(sc, `^what the API key may open is asked for with garbled forms of the key$`, func(ctx context.Context) error {
		var requests []Request
		for _, key := range garblings(s.manifest.APIKey.Key) {
			requests = append(requests, s.keyRequest(s.manifest.APIKey.Allowed, key))
		}
		return s.sendEach(ctx, requests...)
	})
}

func (s *sessionWords) keyRequest(path, key string) Request {
	s.subject.Secrets.Add("key", key)
	return request(http.MethodGet, s.manifest.Prefix+path, "X-Api-Key", key)
}

func (s *sessionWords) askWithKey(ctx context.Context, path, key string) error {
	_, err := s.send(ctx, s.keyRequest(path, key))
	return err
}

// registerLocales binds the words of SES-22. They go through all languages
// that the manifest declares.
func (s *sessionWords) registerLocales(sc *godog.ScenarioContext) {
	s.step(sc, `^the full account logs in at the login path of each language$`, s.logInEverywhere)
	s.step(sc, `^each login answers a token pair as in English$`, s.eachAnswersAPair)
	s.step(sc, `^the collection of each language is asked for without a token$`, func(ctx context.Context) error {
		return s.askEverywhere(ctx, nil)
	})
	s.step(sc, `^the collection of each language is asked for with the access token$`, func(ctx context.Context) error {
		pair, err := s.pair("")
		if err != nil {
			return err
		}
		return s.askEverywhere(ctx, pair)
	})
	s.step(sc, `^each is accepted and answers JSON$`, s.each(func() error {
		return errors.Join(s.itIsAccepted(), s.theAnswerIsJSON())
	}))
	s.step(sc, `^each pair is refreshed at the one refresh path$`, s.refreshAll)
}

func (s *sessionWords) logInEverywhere(ctx context.Context) error {
	var requests []Request
	for _, locale := range s.manifest.Locales {
		r := s.loginRequest(s.full())
		r.Path = s.manifest.Prefix + locale.Login
		requests = append(requests, r)
	}
	if err := s.sendEach(ctx, requests...); err != nil {
		return err
	}
	for _, answer := range s.several {
		s.keep(answer, "")
	}
	return nil
}

func (s *sessionWords) eachAnswersAPair() error {
	return s.each(func() error {
		return errors.Join(s.itIsAccepted(), s.theAnswerIsJSON(), s.memberIsText("token_type", "Bearer"),
			s.memberIsWholeNumber("expires_in"), s.memberIsNonEmptyText("access_token"), s.memberIsNonEmptyText("refresh_token"))
	})()
}

// askEverywhere asks with a pair's access token, or without any for nil.
func (s *sessionWords) askEverywhere(ctx context.Context, pair *tokenPair) error {
	var requests []Request
	for _, locale := range s.manifest.Locales {
		r := request(http.MethodGet, s.manifest.Prefix+locale.Protected)
		if pair != nil {
			r = pair.as(s.authorize(r, pair.access))
		}
		requests = append(requests, r)
	}
	return s.sendEach(ctx, requests...)
}

func (s *sessionWords) refreshAll(ctx context.Context) error {
	if len(s.pairs) != len(s.manifest.Locales) {
		return fmt.Errorf("expected a token pair from each of %d languages, got %d", len(s.manifest.Locales), len(s.pairs))
	}
	var requests []Request
	for _, pair := range s.pairs {
		requests = append(requests, s.refreshRequest(pair.refresh, pair.access))
	}
	return s.sendEach(ctx, requests...)
}

// registerInflection binds the words of SES-23.
func (s *sessionWords) registerInflection(sc *godog.ScenarioContext) {
	s.step(sc, `^the full account logs in with the header "x-api-inflection: (camel|dash|snake|pascal)"$`,
		func(ctx context.Context, inflection string) error {
			_, err := s.send(ctx, s.loginRequest(s.full()).with("X-Api-Inflection", inflection))
			return err
		})
}
