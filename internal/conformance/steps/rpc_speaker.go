package steps

import (
	"context"
)

// rpcSpeaker says in the rpc dialect what the SEC rows want said: over HTTP
// where the subject has it, else over gRPC.
type rpcSpeaker struct{ *rpcWords }

func (s *rpcSpeaker) transport() string {
	if s.config.HTTP != nil {
		return viaHTTP
	}
	return viaGRPC
}

// login sends the credentials in the data and, over HTTP, as Basic too.
func (s *rpcSpeaker) login(ctx context.Context, who credentials) (*Answer, *grant, error) {
	return s.granted(ctx, rpcCall{method: authenticateEx, data: loginData(who), basic: &who})
}

func (s *rpcSpeaker) granted(ctx context.Context, c rpcCall) (*Answer, *grant, error) {
	answer, err := s.exchangeCall(ctx, s.transport(), c)
	if err != nil {
		return nil, nil, err
	}
	token, err := s.tokenIn(answer)
	if err != nil {
		return answer, nil, nil // refused: the answer says so
	}
	return answer, &grant{access: token.value}, nil
}

// loginRequest is for scenarios over HTTP only.
func (s *rpcSpeaker) loginRequest(who credentials) Request {
	return s.httpRequest(rpcCall{method: authenticateEx, data: loginData(who), basic: &who})
}

func (s *rpcSpeaker) open(ctx context.Context, token string) (*Answer, error) {
	c := rpcCall{method: s.config.Protected}
	if token != "" {
		c.token = s.named(token)
	}
	return s.exchangeCall(ctx, s.transport(), c)
}

// named finds the name under which a token was granted.
func (s *rpcSpeaker) named(token string) *rpcToken {
	name, known := s.names.Load(token)
	if !known {
		return &rpcToken{name: "auth_token", value: token}
	}
	return &rpcToken{name: name.(string), value: token}
}

// protected is for scenarios over HTTP only.
func (s *rpcSpeaker) protected() Request {
	return s.httpRequest(rpcCall{method: s.config.Protected})
}

func (s *rpcSpeaker) authorize(r Request, token string) Request {
	return r.with("Authorization", "Bearer "+token)
}

func (s *rpcSpeaker) renew(ctx context.Context, g *grant) (*Answer, *grant, error) {
	return s.granted(ctx, rpcCall{method: renewSession, token: s.named(g.access)})
}

func (s *rpcSpeaker) garble(token string) string { return garbleToken(token) }

func (s *rpcSpeaker) variable(token string) string { return unguessable(token) }

// locked says whether an answer is the service's own code for a locked account
// or address, over gRPC also the code for too many calls.
func (s *rpcSpeaker) locked(a *Answer) bool {
	switch mistakeIn(a) {
	case "USER_LOCKED", "IP_BLOCKED":
		return true
	case "RESOURCE_EXHAUSTED":
		return a.Header.Get(grpcStatusHeader) != ""
	}
	return false
}
