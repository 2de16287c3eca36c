package rpc

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// transport says over which of the two transports of the rpc dialect a mistake
// is made.
type transport int

const (
	overHTTP transport = 1 << iota
	overGRPC
	overBoth = overHTTP | overGRPC
)

// call is one call of the rpc dialect, the same over both transports.
type call struct {
	Via    transport
	Method string // as "RenewSession"
	Token  string // "" is none
	// Message is the answer; nil where there is none of the dialect's types.
	Message proto.Message
	// Err is the refusal; nil is a success.
	Err error
}

// login is the answer to a login or a renewal; nil where it is none.
func (c *call) login() *rpcpb.AuthenticateResponseEx {
	message, _ := c.Message.(*rpcpb.AuthenticateResponseEx)
	return message
}

// grants says whether the answer grants a token.
func (c *call) grants() bool { return c.Err == nil && c.login().GetTokenValue() != "" }

// errRejected is what both transports say to a token that is not valid.
var errRejected = status.Error(codes.Unauthenticated, "the token is not valid")

// onCall changes what calls are answered. It sees the calls that reach it
// over the transports; the change may replace Message and Err.
func onCall(s *mutation.Server, via transport, change func(*call)) {
	if via&overGRPC != 0 {
		s.Intercept(func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			c := &call{Via: overGRPC, Method: info.FullMethod[strings.LastIndex(info.FullMethod, "/")+1:], Token: grpcToken(ctx)}
			answered, err := next(ctx, request)
			c.Message, _ = answered.(proto.Message)
			c.Err = err
			change(c)
			return c.Message, c.Err
		})
	}
	if via&overHTTP != 0 {
		s.OnAnswer(post, func(a *mutation.Reply) {
			c := &call{Via: overHTTP, Method: methodOf(a.Request), Token: mutation.Bearer(a.Request)}
			c.read(a)
			before, beforeErr := proto.Clone(c.Message), c.Err
			change(c)
			if c.Err != beforeErr || !proto.Equal(before, c.Message) { //nolint:errorlint // the very same error
				c.write(a)
			}
		})
	}
}

var post = mutation.At("POST", "/grpc")

// methodOf is the last part of the method that a request names.
func methodOf(r *http.Request) string {
	name := mutation.SentText(r, "method")
	return name[strings.LastIndex(name, ".")+1:]
}

// Calls selects requests over HTTP by the method that they name.
func Calls(methods ...string) mutation.Match {
	return func(r *http.Request) bool {
		if !post(r) {
			return false
		}
		named := methodOf(r)
		for _, method := range methods {
			if named == method {
				return true
			}
		}
		return false
	}
}

// read takes an answer over HTTP for what it would be over gRPC.
func (c *call) read(a *mutation.Reply) {
	if !a.OK() {
		c.Err = errRejected
		return
	}
	var message proto.Message
	switch {
	case strings.HasPrefix(c.Method, "AuthenticateEx"), c.Method == "AuthenticateBySecondFactor", strings.HasPrefix(c.Method, "RenewSession"):
		message = &rpcpb.AuthenticateResponseEx{}
	case strings.HasPrefix(c.Method, "Authenticate"):
		message = &rpcpb.AuthenticateResponse{}
	case c.Method == "GetSessionInfo":
		message = &rpcpb.GetSessionInfoResponse{}
	case c.Method == "CloseSession":
		message = &rpcpb.CloseSessionResponse{}
	case c.Method == "ApproveAuthentication":
		message = &rpcpb.ApproveResponse{}
	case c.Method == "DeclineAuthentication":
		message = &rpcpb.DeclineResponse{}
	case c.Method == "GetVersion":
		message = &rpcpb.GetVersionResponse{}
	default:
		return
	}
	if protojson.Unmarshal(a.Body, message) == nil {
		c.Message = message
	}
}

// write is the way back.
func (c *call) write(a *mutation.Reply) {
	if c.Err != nil {
		a.Replace(http.StatusUnauthorized, map[string]any{"errorMessage": "the token is not valid", "grpcErrorCode": int(status.Code(c.Err))})
		return
	}
	printed, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(c.Message)
	if err != nil {
		panic(err) // the dialect's messages always print
	}
	a.Status, a.Body = http.StatusOK, printed
}

// onToken changes the tokens that calls come with, before anybody judges
// them; "" is none.
func onToken(s *mutation.Server, via transport, change func(method, token string) string) {
	if via&overGRPC != 0 {
		s.Intercept(func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			method := info.FullMethod[strings.LastIndex(info.FullMethod, "/")+1:]
			was := grpcToken(ctx)
			if token := change(method, was); token != was {
				ctx = metadata.NewIncomingContext(ctx, metadata.Pairs(wire.RPCTokenName, token))
			}
			return next(ctx, request)
		})
	}
	if via&overHTTP != 0 {
		s.OnRequest(post, func(r *http.Request) {
			if _, _, isBasic := r.BasicAuth(); isBasic {
				return
			}
			was := mutation.Bearer(r)
			if token := change(methodOf(r), was); token != was {
				mutation.SetBearer(r, token)
			}
		})
	}
}

// grpcToken is the token in the metadata of a call, or "".
func grpcToken(ctx context.Context) string {
	incoming, _ := metadata.FromIncomingContext(ctx)
	if values := incoming.Get(wire.RPCTokenName); len(values) == 1 {
		return values[0]
	}
	return ""
}

// renameMetadata takes what comes under one name for what the reference
// expects under another, and forgets what came under that.
func renameMetadata(s *mutation.Server, from, to string) {
	s.Intercept(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		incoming, _ := metadata.FromIncomingContext(ctx)
		renamed := incoming.Copy()
		renamed.Delete(to)
		if values := incoming.Get(from); len(values) > 0 {
			renamed.Set(to, values...)
		}
		return next(metadata.NewIncomingContext(ctx, renamed), request)
	})
}
