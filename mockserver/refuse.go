package mockserver

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// wrongCredentials is the error that every dialect has.
const wrongCredentials = "WRONG_CREDENTIALS"

// rpcRefusals are the codes of AuthenticateEx, by their name without the prefix.
var rpcRefusals = func() map[string]rpcpb.AuthenticateResponseEx_EAuthenticateCode {
	byName := map[string]rpcpb.AuthenticateResponseEx_EAuthenticateCode{}
	for name, number := range rpcpb.AuthenticateResponseEx_EAuthenticateCode_value {
		if number != 0 {
			byName[strings.TrimPrefix(name, "AUTHENTICATE_CODE_")] = rpcpb.AuthenticateResponseEx_EAuthenticateCode(number)
		}
	}
	return byName
}()

// refuse answers a login as the dialect refuses one.
func refuse(w http.ResponseWriter, x *exchange) {
	if answersCode(x.entry.RPC) || x.path == wire.RPCRESTPath+"/authenticate_ex2" {
		text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(refusal(x.fault.Error))
		if err == nil {
			httpio.WriteBody(w, http.StatusOK, text)
			return
		}
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="`+x.route.dialect+`"`)
	httpio.WriteJSON(w, http.StatusUnauthorized, problem(x.route.dialect, http.StatusUnauthorized))
}

// answersCode says whether a method of the rpc dialect refuses with a code in an
// answer that is OK.
func answersCode(method string) bool {
	return strings.HasPrefix(method, wire.RPCAuthenticateEx) || method == wire.RPCBySecondFactor
}

// refusal is the answer of such a method.
func refusal(name string) *rpcpb.AuthenticateResponseEx {
	answer := &rpcpb.AuthenticateResponseEx{ErrorCode: rpcRefusals[name]}
	if answer.GetErrorCode() == rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED {
		answer.AuthSecondFactorInfo = &rpcpb.SecondFactorInfo{Type: rpcpb.SecondFactorInfo_GOOGLE_AUTHENTICATOR, SessionId: "00000000-0000-4000-8000-000000000000"}
	}
	return answer
}
