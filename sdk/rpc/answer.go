package rpc

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/sdk/headerfield"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// unauthenticated is the gRPC status code of a call without a good token.
const unauthenticated = 16

// unimplemented is that of a method that the server does not have.
const unimplemented = 12

// grpcCode finds the gRPC status code in the body of an HTTP error, or 0.
func grpcCode(body []byte) wire.Whole {
	var e wire.RPCError
	if json.Unmarshal(body, &e) != nil {
		return 0
	}
	return e.GRPCErrorCode
}

// unauthenticatedBy says whether an answer means that the credentials are no good,
// whatever its status: some servers say 403 or 500 where others say 401.
func unauthenticatedBy(reply *sdk.Reply, err error) bool {
	return err != nil && reply != nil && grpcCode(reply.Body()) == unauthenticated
}

// ErrorCode implements [sdk.ErrorCoder]: the authentication code, or else the
// name of the gRPC code, as in "UNAUTHENTICATED".
func (d *password) ErrorCode(body []byte) string {
	var answer struct {
		ErrorCode     wire.RPCCode `json:"error_code"`
		GRPCErrorCode wire.Whole   `json:"grpcErrorCode"`
	}
	_ = json.Unmarshal(body, &answer) // a body of another shape has no code
	if answer.ErrorCode == "" && answer.GRPCErrorCode != 0 {
		return wire.GRPCCodeName(int64(answer.GRPCErrorCode))
	}
	return shownCode(answer.ErrorCode)
}

// shownCode is the code if it is one: what else a server may quote in its place
// stays out of errors.
func shownCode[C ~string](code C) string {
	if strings.HasPrefix(string(code), "AUTHENTICATE_CODE_") || code == "GENERAL_ERROR" || code == "IP_BLOCKED" {
		return string(code)
	}
	return ""
}

// temporaryCode says whether a refusal may pass by itself: a lock, a policy about
// places and times, a time that has run out.
func temporaryCode(code wire.RPCCode) bool {
	switch code {
	case wire.RPCCodeGeneralError, wire.RPCCodeUserLocked, wire.RPCCodeIPBlocked, wire.RPCCodeAlreadyLogged,
		wire.RPCCodeTimezoneDenied, wire.RPCCodeTFATimeExceeded:
		return true
	}
	return false
}

// answer is what the Authenticate and RenewSession methods answer, over HTTP or
// over a [Channel].
type answer struct {
	wire.RPCAuthentication

	op    string
	sent  time.Time
	reply *sdk.Reply // nil: over a channel
}

// overHTTP reads an answer over HTTP.
func overHTTP(op string, reply *sdk.Reply, err error) (answer, error) {
	if unauthenticatedBy(reply, err) {
		return answer{}, reply.Refused(wire.GRPCCodeName(unauthenticated))
	}
	if err != nil {
		return answer{}, err
	}
	a := answer{op: op, sent: reply.Sent, reply: reply}
	return a, reply.JSON(&a.RPCAuthentication)
}

// refused is the error of an answer that is a refusal.
func (a answer) refused() error {
	code, temporary := shownCode(a.ErrorCode), temporaryCode(a.ErrorCode)
	switch {
	case a.reply != nil && temporary:
		return a.reply.Unavailable(code)
	case a.reply != nil:
		return a.reply.Refused(code)
	case temporary:
		return &sdk.Error{Op: a.op, Dialect: wire.RPC, Code: code, Temporary: true, Err: sdk.ErrUnavailable}
	}
	return &sdk.Error{Op: a.op, Dialect: wire.RPC, Code: code, Err: sdk.ErrRefused}
}

// protocol is the error of an answer that cannot be used.
func (a answer) protocol(text string) error {
	if a.reply != nil {
		return a.reply.Protocol(text)
	}
	return &sdk.Error{Op: a.op, Dialect: wire.RPC, OutcomeUnknown: true, Err: fmt.Errorf("%w: %s", sdk.ErrProtocol, text)}
}

// local turns a time of the server's clock into one of the client's.
func (a answer) local(end time.Time) time.Time {
	if a.reply == nil {
		return end
	}
	return a.reply.ExpiresAt(end)
}

// token makes a token of the answer. A server that leaves zero values out leaves
// the code OK out. The life counts from the request where the server gives it as
// a span.
func (a answer) token() (sdk.Token, error) {
	switch {
	case a.ErrorCode != "" && a.ErrorCode != wire.RPCCodeOK:
		return sdk.Token{}, a.refused()
	case a.TokenValue == "":
		return sdk.Token{}, a.protocol("token_value is missing")
	case a.reply == nil && a.TokenName != "" && !headerfield.IsMetadataKey(strings.ToLower(a.TokenName)):
		return sdk.Token{}, a.protocol("token_name is no metadata key")
	}
	t := sdk.Token{Access: sdk.NewSecret(a.TokenValue), MetadataKey: a.TokenName, Subject: a.UserID, Issued: a.sent}
	if life := a.ExpiresIn.Life(); life > 0 {
		t.Expires = a.sent.Add(life)
	} else if end, err := wire.ParseCompactTime(a.ExpiresAt); err == nil {
		t.Expires = a.local(end)
	} else if end, ok := wire.JWTExpiry(a.TokenValue); ok {
		t.Expires = a.local(end)
	}
	return t, nil
}

// closedOK says whether a session was closed. A server that leaves zero values
// out leaves OK out.
func closedOK(answer wire.RPCClosed) bool {
	return answer.ErrorCode == "" || answer.ErrorCode == wire.RPCCloseOK
}
