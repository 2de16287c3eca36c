package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerLocales binds the steps of SES-22. They go through all languages
// that the manifest declares.
func (s *steps) registerLocales() {
	s.Step(`^the full account logs in at the login path of each language$`, s.logInEverywhere)
	s.Step(`^each login answers a token pair as that one did$`, s.eachAnswersAPair)
	s.Step(`^the collection of each language is asked for without a token$`, func(ctx context.Context) error {
		return s.askEverywhere(ctx, nil)
	})
	s.Step(`^the collection of each language is asked for with the access token$`, func(ctx context.Context) error {
		pair, err := s.pair("")
		if err != nil {
			return err
		}
		return s.askEverywhere(ctx, pair)
	})
	s.Step(`^each is accepted and answers JSON$`, s.Each(func() error {
		return errors.Join(s.ItIsAccepted(), s.TheAnswerIsJSON())
	}))
	s.Step(`^each pair is refreshed at the one refresh path$`, s.refreshAll)
}

func (s *steps) logInEverywhere(ctx context.Context) error {
	var requests []exchange.Request
	for _, locale := range s.declared.Locales {
		r := s.LoginRequest(s.Full())
		r.Path = s.declared.Prefix + locale.Login
		requests = append(requests, r)
	}
	if err := s.SendEach(ctx, requests...); err != nil {
		return err
	}
	for _, answer := range s.Several {
		s.keep(answer, "")
	}
	return nil
}

func (s *steps) eachAnswersAPair() error {
	return s.Each(func() error {
		return errors.Join(s.ItIsAccepted(), s.TheAnswerIsJSON(), s.isTextOrAsInLogin("token_type", "Bearer", "token_type"),
			s.isNumberOrLikeInLogin("expires_in", "expires_in"), s.MemberIsNonEmptyText("access_token"), s.MemberIsNonEmptyText("refresh_token"))
	})()
}

// askEverywhere asks with a pair's access token, or without any for nil.
func (s *steps) askEverywhere(ctx context.Context, pair *tokenPair) error {
	var requests []exchange.Request
	for _, locale := range s.declared.Locales {
		r := exchange.NewRequest(http.MethodGet, s.declared.Prefix+locale.Protected)
		if pair != nil {
			r = pair.as(s.Authorize(r, pair.Access))
		}
		requests = append(requests, r)
	}
	return s.SendEach(ctx, requests...)
}

func (s *steps) refreshAll(ctx context.Context) error {
	if len(s.pairs) != len(s.declared.Locales) {
		return fmt.Errorf("expected a token pair from each of %d languages, got %d", len(s.declared.Locales), len(s.pairs))
	}
	var requests []exchange.Request
	for _, pair := range s.pairs {
		requests = append(requests, s.RefreshRequest(pair.Refresh, pair.Access))
	}
	return s.SendEach(ctx, requests...)
}

// registerInflection binds the steps of SES-23.
func (s *steps) registerInflection() {
	s.Step(`^the full account logs in with the header "x-api-inflection: (camel|dash|snake|pascal)"$`,
		func(ctx context.Context, inflection string) error {
			_, err := s.Send(ctx, s.LoginRequest(s.Full()).With("X-Api-Inflection", inflection))
			return err
		})
}
