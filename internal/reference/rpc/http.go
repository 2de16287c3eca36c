package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/julienschmidt/httprouter"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// Handler returns POST /grpc, and the REST routes.
func (s *Server) Handler() http.Handler {
	router := httpio.NewRouter(s.cfg.Log, func(w http.ResponseWriter, _ *http.Request, p httpio.Problem) {
		fail(w, p, codeOf(p), nil)
	})
	router.Handle(http.MethodPost, wire.RPCPath, s.post)
	s.routeREST(router)
	return customVerbs(router)
}

// method is a method that HTTP may name. Its answer is JSON.
type method func(ctx context.Context, s *Server, data []byte) ([]byte, error)

// on turns a call into a method: it reads the data into the request of the call.
func on[T any, Req interface {
	*T
	proto.Message
}](call func(context.Context, *Server, Req) (proto.Message, error)) method {
	return func(ctx context.Context, s *Server, data []byte) ([]byte, error) {
		req := Req(new(T))
		if err := read(data, req); err != nil {
			return nil, err
		}
		resp, err := call(ctx, s, req)
		if err != nil {
			return nil, err
		}
		return printed(resp), nil
	}
}

// read reads the data of an envelope.
func read(data []byte, req proto.Message) error {
	if len(data) == 0 || string(data) == "null" || string(data) == "{}" {
		return nil
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(data, req); err != nil {
		return httpio.BadRequest("data does not fit the method")
	}
	return nil
}

// versionPrinted is the same for all callers, and requested often.
var versionPrinted = sync.OnceValue(func() []byte { return printed(version()) })

var methods = map[string]method{
	wire.RPCAuthenticate:    shortLogin,
	wire.RPCAuthenticate2:   shortLogin,
	wire.RPCAuthenticateEx:  login,
	wire.RPCAuthenticateEx2: login,
	wire.RPCRenewSession:    renewal,
	wire.RPCRenewSession2:   renewal,
	wire.RPCCloseSession:    closing,
	wire.RPCBySecondFactor: on(func(ctx context.Context, s *Server, req *rpcpb.SecondFactorRequest) (proto.Message, error) {
		return s.bySecondFactor(ctx, req)
	}),
	wire.RPCApprove: approval,
	wire.RPCDecline: refusal,
	wire.RPCGetSessionInfo: on(func(ctx context.Context, s *Server, req *rpcpb.GetSessionInfoRequest) (proto.Message, error) {
		return s.sessionInfo(ctx, req)
	}),
	wire.RPCGetVersion: func(_ context.Context, _ *Server, data []byte) ([]byte, error) {
		return versionPrinted(), read(data, &rpcpb.GetVersionRequest{})
	},
	wire.RPCListCameras: on(func(_ context.Context, _ *Server, req *rpcpb.ListCamerasRequest) (proto.Message, error) {
		return cameras(req)
	}),
}

var (
	login = on(func(ctx context.Context, s *Server, data *rpcpb.AuthenticateRequest) (proto.Message, error) {
		return s.authenticateEx(ctx, data)
	})
	shortLogin = on(func(ctx context.Context, s *Server, data *rpcpb.AuthenticateRequest) (proto.Message, error) {
		resp, err := s.authenticate(ctx, data)
		if err != nil {
			return nil, err
		}
		return short(resp), nil
	})
	renewal = on(func(ctx context.Context, s *Server, _ *rpcpb.RenewSessionRequest) (proto.Message, error) {
		return s.renew(ctx)
	})
	closing = on(func(ctx context.Context, s *Server, _ *rpcpb.CloseSessionRequest) (proto.Message, error) {
		return s.closeSession(ctx)
	})
	approval = on(func(ctx context.Context, s *Server, req *rpcpb.SupervisorRequest) (proto.Message, error) {
		return s.approve(ctx, req)
	})
	refusal = on(func(ctx context.Context, s *Server, req *rpcpb.SupervisorRequest) (proto.Message, error) {
		return s.decline(ctx, req)
	})
)

// logins are the methods that a caller may name whose second factor is not known.
var logins = map[string]bool{
	wire.RPCAuthenticate: true, wire.RPCAuthenticate2: true, wire.RPCAuthenticateEx: true, wire.RPCAuthenticateEx2: true,
	wire.RPCBySecondFactor: true,
}

func (s *Server) post(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	c, err := s.authenticateCaller(r)
	if err != nil {
		return answerError(w, err)
	}
	envelope, err := readEnvelope(r)
	if err != nil {
		return err
	}
	if c.unproven && !logins[envelope.Method] {
		return answerError(w, account.ErrSecondFactor)
	}
	call, known := methods[envelope.Method]
	if !known {
		return answerError(w, errUnknownMethod)
	}
	body, err := call(withCaller(r.Context(), c), s, envelope.Data)
	if err != nil {
		return answerError(w, err)
	}
	httpio.WriteBody(w, http.StatusOK, body)
	return nil
}

// authenticateCaller checks the credentials of the request; anonymous requests are
// rejected (RPC-02, RPC-25).
func (s *Server) authenticateCaller(r *http.Request) (caller, error) {
	c := caller{address: httpio.Address(r)}
	if name, password, ok := httpio.Basic(r); ok {
		c.basicName, c.basicPassword = name, password
		user, err := s.byPassword(r.Context(), name, password, c.address)
		if err != nil {
			return c, err
		}
		c.login, c.user, c.unproven = user.Login, user, user.SecondFactor != account.NoSecondFactor
		return c, nil
	}
	if c.token, _ = httpio.Bearer(r); c.token == "" {
		return c, httpio.ErrUnauthorized
	}
	var err error
	c.login, err = s.byToken(r.Context(), c.token)
	return c, err
}

// answerError writes the errors that have a code or a body of their own, and
// returns the others to the router.
func answerError(w http.ResponseWriter, err error) error {
	problem, code := classify(err)
	var throttled *account.ThrottledError
	switch {
	case errors.As(err, &throttled):
		fail(w, problem, code, map[string]any{"error_code": wire.RPCCodeUserLocked})
	case errors.Is(err, errUnknownMethod):
		fail(w, problem, code, nil)
	default:
		return err
	}
	return nil
}

// fail writes the dialect's answer to an error.
func fail(w http.ResponseWriter, p httpio.Problem, code codes.Code, extra map[string]any) {
	p.WriteHeaders(w, `Basic realm="rpc", charset="UTF-8"`, `Bearer realm="rpc"`)
	body := map[string]any{"errorMessage": p.Reason, "grpcErrorCode": int(code)}
	for name, value := range extra {
		body[name] = value
	}
	httpio.WriteJSON(w, p.Status, body)
}

// printed returns a message as JSON with the names of the proto and every member
// but messages that are not there.
// protojson varies its white space on purpose, so it is compacted.
func printed(m proto.Message) []byte {
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("print an answer: %v", err)) // our own messages always print
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		panic(fmt.Sprintf("compact an answer: %v", err))
	}
	return append(compact.Bytes(), '\n')
}
