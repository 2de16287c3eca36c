package grpcauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Credentials presents the client's token with every call. It does not make
// calls again; [DialOptions] and [Conn] do.
//
// When there is no token, the call fails as gRFC A97 has it: UNAUTHENTICATED if
// the login was refused, UNAVAILABLE if it may succeed later, and the status of
// the context's error if that was the cause. The error is the client's too:
// [errors.Is] and [errors.As] find in it what [sdk.Client.Token] returned.
func Credentials(client *sdk.Client, options ...Option) credentials.PerRPCCredentials {
	return perRPC{client: client, allowed: settingsOf(options).allowed}
}

type perRPC struct {
	client  *sdk.Client
	allowed func(host string) bool
}

// RequireTransportSecurity implements [credentials.PerRPCCredentials]: each call
// is checked, by its host.
func (p perRPC) RequireTransportSecurity() bool { return false }

// GetRequestMetadata implements [credentials.PerRPCCredentials].
func (p perRPC) GetRequestMetadata(ctx context.Context, uri ...string) (map[string]string, error) {
	if isAnonymous(ctx) {
		return nil, nil //nolint:nilnil // no metadata is an answer
	}
	if err := secure(ctx, uri, p.allowed); err != nil {
		return nil, err
	}
	if attempt, ok := ctx.Value(attemptKey{}).(*attempt); ok {
		attempt.presented.Store(true)
		return metadataOf(p.client.Dialect(), attempt.token)
	}
	token, err := p.client.Token(ctx)
	if err != nil {
		return nil, statusOf(ctx, err)
	}
	return metadataOf(p.client.Dialect(), token)
}

// attempt is one try of a call, with the token that it is to present.
type attempt struct {
	token     sdk.Token
	presented atomic.Bool
}

type (
	attemptKey   struct{}
	anonymousKey struct{}
)

// anonymous marks the calls by which a client logs in: they must not wait for
// the token that they fetch.
func anonymous(ctx context.Context) context.Context {
	return context.WithValue(ctx, anonymousKey{}, true)
}

func isAnonymous(ctx context.Context) bool { return ctx.Value(anonymousKey{}) != nil }

// secure returns an error if the connection of the call can be listened to and
// allowed does not permit that for its host.
func secure(ctx context.Context, uri []string, allowed func(host string) bool) error {
	info, ok := credentials.RequestInfoFromContext(ctx)
	if ok && credentials.CheckSecurityLevel(info.AuthInfo, credentials.PrivacyAndIntegrity) == nil {
		return nil
	}
	for _, audience := range uri {
		if u, err := url.Parse(audience); err == nil && allowed(u.Hostname()) {
			return nil
		}
	}
	return status.Error(codes.Unauthenticated, inClear)
}

// inClear is the message of the status that secure returns.
const inClear = "dragoman: credentials are not sent over a connection in clear"

// metadataOf is the metadata that presents a token: under the name that it was
// given (RPC-15), or else as the dialect's HTTP headers, which is how the web
// has it.
func metadataOf(dialect sdk.Dialect, token sdk.Token) (map[string]string, error) {
	if token.MetadataKey != "" {
		key := strings.ToLower(token.MetadataKey)
		if !headerfield.IsMetadataKey(key) {
			return nil, status.Error(codes.Unauthenticated, "dragoman: the token's name is no metadata key")
		}
		return map[string]string{key: token.Access.Reveal()}, nil
	}
	header := make(http.Header)
	dialect.Authorize(header, token)
	metadata := make(map[string]string, len(header))
	for key := range header {
		metadata[strings.ToLower(key)] = header.Get(key)
	}
	return metadata, nil
}

// statusOf turns an error of the client into one that gRPC passes on unchanged
// (gRFC A54: not every code may come from credentials).
func statusOf(ctx context.Context, err error) error {
	var e *sdk.Error
	code := codes.Unavailable
	switch ctxErr := ctx.Err(); {
	case ctxErr != nil:
		code = status.FromContextError(ctxErr).Code()
	case errors.As(err, &e) && !e.Temporary:
		code = codes.Unauthenticated
	}
	return &statusError{status: status.New(code, "dragoman: "+err.Error()), err: err}
}

// statusError is an error of the client and a status of gRPC.
type statusError struct {
	status *status.Status
	err    error
}

// Error implements error.
func (e *statusError) Error() string { return e.status.Err().Error() }

// Unwrap gives the client's error to [errors.Is] and [errors.As].
func (e *statusError) Unwrap() error { return e.err }

// GRPCStatus gives the status to package status.
func (e *statusError) GRPCStatus() *status.Status { return e.status }

// Timeout says whether time ran out, as [os.IsTimeout] has it.
func (e *statusError) Timeout() bool {
	var inner interface{ Timeout() bool }
	return errors.As(e.err, &inner) && inner.Timeout()
}
