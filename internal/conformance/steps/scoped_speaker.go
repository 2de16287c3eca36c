package steps

import "context"

// scopedSpeaker says in the scoped dialect what the SEC rows want said.
type scopedSpeaker struct{ *scopedWords }

func (s *scopedSpeaker) login(ctx context.Context, who credentials) (*Answer, *grant, error) {
	return s.granted(ctx, s.loginRequest(who))
}

func (s *scopedSpeaker) granted(ctx context.Context, r Request) (*Answer, *grant, error) {
	answer, err := s.exchange(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	token, err := s.tokenIn(answer, issue{})
	if err != nil {
		return answer, nil, nil // refused: the answer says so
	}
	return answer, &grant{access: token.value}, nil
}

func (s *scopedSpeaker) loginRequest(who credentials) Request {
	return s.scopedWords.loginRequest(who, issue{})
}

func (s *scopedSpeaker) open(ctx context.Context, token string) (*Answer, error) {
	r := s.protected()
	if token != "" {
		r = s.authorize(r, token)
	}
	return s.exchange(ctx, r)
}

func (s *scopedSpeaker) protected() Request {
	return request("GET", s.config.Prefix+s.config.Resources.List)
}

func (s *scopedSpeaker) authorize(r Request, token string) Request {
	return r.with("Authorization", "Bearer "+token)
}

// renew issues another token, for the dialect knows no renewal.
func (s *scopedSpeaker) renew(ctx context.Context, g *grant) (*Answer, *grant, error) {
	return s.granted(ctx, s.issueRequest(&scopedToken{value: g.access}, issue{life: "12 hours", name: ownName()}))
}

func (s *scopedSpeaker) garble(token string) string { return garbleToken(token) }

func (s *scopedSpeaker) variable(token string) string { return unguessable(token) }

// locked is never true: the dialect has no code of its own beside 429.
func (s *scopedSpeaker) locked(*Answer) bool { return false }
