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
		ErrorCode     string     `json:"error_code"`
		GRPCErrorCode wire.Whole `json:"grpcErrorCode"`
	}
	_ = json.Unmarshal(body, &answer) // a body of another shape has no code
	if answer.ErrorCode == "" && answer.GRPCErrorCode != 0 {
		return wire.GRPCCodeName(int64(answer.GRPCErrorCode))
	}
	return shownCode(answer.ErrorCode)
}

// shownCode is the code if it is one: what else a server may quote in its place
// stays out of errors.
func shownCode(code string) string {
	if strings.HasPrefix(code, "AUTHENTICATE_CODE_") || code == "GENERAL_ERROR" || code == "IP_BLOCKED" {
		return code
	}
	return ""
}

// temporaryCode says whether a refusal may pass by itself.
func temporaryCode(code string) bool {
	switch code {
	case wire.RPCCodeGeneralError, wire.RPCCodeUserLocked, wire.RPCCodeIPBlocked:
		return true
	}
	return false
}

// overHTTP reads the answer of an Authenticate or RenewSession method.
func overHTTP(reply *sdk.Reply, err error) (sdk.Token, error) {
	if unauthenticatedBy(reply, err) {
		return sdk.Token{}, reply.Refused(wire.GRPCCodeName(unauthenticated), false)
	}
	if err != nil {
		return sdk.Token{}, err
	}
	var answer wire.RPCAuthentication
	if err := reply.JSON(&answer); err != nil {
		return sdk.Token{}, err
	}
	if refused(answer) {
		return sdk.Token{}, reply.Refused(shownCode(answer.ErrorCode), temporaryCode(answer.ErrorCode))
	}
	if answer.TokenValue == "" {
		return sdk.Token{}, reply.Protocol("token_value is missing")
	}
	return token(answer, reply.Sent, reply.ExpiresAt), nil
}

// direct reads the same answer when it came over a [Channel].
func direct(op string, sent time.Time, answer wire.RPCAuthentication, err error) (sdk.Token, error) {
	switch {
	case err != nil:
		return sdk.Token{}, err
	case refused(answer):
		cause := sdk.ErrRefused
		if temporaryCode(answer.ErrorCode) {
			cause = sdk.ErrUnavailable
		}
		return sdk.Token{}, &sdk.Error{Op: op, Dialect: wire.RPC, Code: shownCode(answer.ErrorCode), Temporary: temporaryCode(answer.ErrorCode), Err: cause}
	case answer.TokenValue == "":
		return sdk.Token{}, &sdk.Error{Op: op, Dialect: wire.RPC, OutcomeUnknown: true, Err: sdk.ErrProtocol}
	case answer.TokenName != "" && !headerfield.IsMetadataKey(strings.ToLower(answer.TokenName)):
		return sdk.Token{}, &sdk.Error{Op: op, Dialect: wire.RPC, OutcomeUnknown: true, Err: fmt.Errorf("%w: token_name is no metadata key", sdk.ErrProtocol)}
	}
	return token(answer, sent, func(end time.Time) time.Time { return end }), nil
}

// refused says whether the code of an answer is a refusal. A server that leaves
// zero values out leaves OK out.
func refused(answer wire.RPCAuthentication) bool {
	return answer.ErrorCode != "" && answer.ErrorCode != wire.RPCCodeOK
}

// closedOK says whether a session was closed. A server that leaves zero values
// out leaves OK out.
func closedOK(answer wire.RPCClosed) bool {
	return answer.ErrorCode == "" || answer.ErrorCode == wire.RPCCloseOK
}

// token makes a token of an answer. The life counts from the request where the
// server gives it as a span; else local turns the server's time into ours.
func token(answer wire.RPCAuthentication, sent time.Time, local func(time.Time) time.Time) sdk.Token {
	t := sdk.Token{
		Access: sdk.NewSecret(answer.TokenValue), MetadataKey: answer.TokenName, Subject: answer.UserID, Issued: sent,
	}
	if life := answer.ExpiresIn.Life(); life > 0 {
		t.Expires = sent.Add(life)
	} else if end, err := wire.ParseCompactTime(answer.ExpiresAt); err == nil {
		t.Expires = local(end)
	} else if end, ok := wire.JWTExpiry(answer.TokenValue); ok {
		t.Expires = local(end)
	}
	return t
}
