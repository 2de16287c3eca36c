package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Detection is a dialect that a server seems to speak.
type Detection struct {
	// Dialect is its name.
	Dialect string
	// Sure says that the answer has the dialect's own shape. Else a server
	// only answers at the dialect's place as it does not answer elsewhere.
	Sure bool
	// Evidence says what was asked and answered.
	Evidence string
}

// Detect asks the server at address, at the documented paths, for each dialect's
// login and says which dialects it seems to speak, in their customary order. It
// sends no credentials, follows no redirects, and makes one request per dialect
// and one besides for each that is answered, to see how the server answers
// where there is nothing. A server that asks for authorization before it looks
// at the path is recognised only where it answers in the dialect's own shape.
//
// Of the options, those about the transport, the exchange timeout, the clock
// and the User-Agent count; plain http is allowed, since nothing is secret.
// Detect returns an error only if the address cannot be used, ctx ends, or no
// request at all was answered.
func Detect(ctx context.Context, address string, options ...Option) ([]Detection, error) {
	s := defaults()
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	base, err := parseBase(address, true)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	if s.transport == nil {
		own := newTransport()
		defer own.CloseIdleConnections()
		s.transport = own
	}
	d := &detector{exchange: &TokenClient{
		dialect: noDialect{}, base: base, transport: s.transport, clock: s.clock, timeout: s.exchangeTimeout, userAgent: s.userAgent,
	}}
	return d.all(ctx)
}

// probe is a request that a dialect's server answers in its own way.
type probe struct {
	dialect string
	call    Call
	shaped  func(reply *Reply) bool // the refusal has the dialect's own shape
}

// probes are logins that hold nothing.
func probes() []probe {
	return []probe{
		{wire.Session, Call{Method: http.MethodPost, Path: wire.SessionTokensPath, JSON: struct{}{}}, nil},
		{wire.Form, Call{Method: http.MethodPost, Path: wire.FormLoginPath, Form: url.Values{wire.FormFieldLongToken: {"false"}}}, nil},
		{wire.RPC, Call{Method: http.MethodPost, Path: wire.RPCPath, JSON: wire.RPCEnvelope{Method: wire.RPCAuthenticateEx, Data: json.RawMessage("{}")}}, shapedRPC},
		{wire.Scoped, Call{Method: http.MethodPost, Path: wire.ScopedPrefix + wire.ScopedAuthPath, JSON: struct{}{}}, shapedScoped},
	}
}

func shapedRPC(reply *Reply) bool {
	var e struct {
		Code *wire.Whole `json:"grpcErrorCode"`
	}
	return json.Unmarshal(reply.Body(), &e) == nil && e.Code != nil
}

func shapedScoped(reply *Reply) bool {
	var e struct {
		Success *bool   `json:"success"`
		Name    *string `json:"name"`
		Code    *string `json:"code"`
	}
	return json.Unmarshal(reply.Body(), &e) == nil && e.Success != nil && !*e.Success && e.Name != nil && e.Code != nil
}

// detector runs the probes.
type detector struct{ exchange *TokenClient }

func (d *detector) all(ctx context.Context) ([]Detection, error) {
	found, answered, lastErr := []Detection{}, false, error(nil)
	for _, p := range probes() {
		reply, err := d.send(ctx, p.call)
		if reply == nil {
			lastErr = err
			continue
		}
		answered = true
		if !refusesLogin(reply.Status) {
			continue
		}
		sure := p.shaped != nil && p.shaped(reply)
		if !sure && !d.differsElsewhere(ctx, p.call, reply.Status) {
			continue
		}
		found = append(found, Detection{
			Dialect: p.dialect, Sure: sure,
			Evidence: fmt.Sprintf("%s without credentials: %s", p.call, reply),
		})
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	if !answered {
		return nil, lastErr
	}
	return found, nil
}

// refusesLogin says whether a status can be the answer of a login to nothing: a
// refusal, but not one that says that there is nothing here.
func refusesLogin(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity,
		http.StatusUnsupportedMediaType, http.StatusTooManyRequests, http.StatusInternalServerError:
		return true
	}
	return false
}

// differsElsewhere sends the same to a path where there can be nothing.
func (d *detector) differsElsewhere(ctx context.Context, call Call, status int) bool {
	call.Path = fmt.Sprintf("/dragoman-%016x", rand.Uint64()) //nolint:gosec // a name that is not there, no secret
	reply, _ := d.send(ctx, call)
	return reply != nil && reply.Status != status
}

func (d *detector) send(ctx context.Context, call Call) (*Reply, error) {
	call.Op = "detect"
	return d.exchange.try(ctx, call, d.exchange.transport, false)
}

// noDialect is the dialect of a client that does not know which to speak.
type noDialect struct{}

func (noDialect) Name() string                                       { return "" }
func (noDialect) Login(context.Context, *TokenClient) (Token, error) { return Token{}, ErrUnsupported }
func (noDialect) Authorize(http.Header, Token)                       {}
func (noDialect) Rejected(*http.Response) bool                       { return false }
