package wire

import (
	"encoding/json"
	"strconv"
)

// Path, method names and error codes of the rpc dialect.
const (
	RPCPath = "/grpc"

	// RPCRESTPath is where the authentication service stands as REST.
	RPCRESTPath = "/v1/authentication"
	// RPCProductVersionPath and RPCCurrentUserPath are where clients ask whether
	// a token is live.
	RPCProductVersionPath = "/product/version"
	RPCCurrentUserPath    = "/currentuser"

	// RPCAuthService is the full name of the authentication service.
	RPCAuthService = "axxonsoft.bl.auth.AuthenticationService"
	// RPCDomainService is the full name of the protected service.
	RPCDomainService = "axxonsoft.bl.domain.DomainService"

	RPCAuthenticate    = RPCAuthService + ".Authenticate"
	RPCAuthenticate2   = RPCAuthService + ".Authenticate2"
	RPCAuthenticateEx  = RPCAuthService + ".AuthenticateEx"
	RPCAuthenticateEx2 = RPCAuthService + ".AuthenticateEx2"
	RPCRenewSession    = RPCAuthService + ".RenewSession"
	RPCRenewSession2   = RPCAuthService + ".RenewSession2"
	RPCCloseSession    = RPCAuthService + ".CloseSession"
	RPCBySecondFactor  = RPCAuthService + ".AuthenticateBySecondFactor"
	RPCApprove         = RPCAuthService + ".ApproveAuthentication"
	RPCDecline         = RPCAuthService + ".DeclineAuthentication"
	RPCGetSessionInfo  = RPCAuthService + ".GetSessionInfo"
	RPCGetVersion      = RPCDomainService + ".GetVersion"
	RPCListCameras     = RPCDomainService + ".ListCameras"

	// RPCTokenName is the metadata key in the document. Clients use the
	// token_name of the login.
	RPCTokenName = "auth_token"

	RPCCodeOK               = "AUTHENTICATE_CODE_OK"
	RPCCodeGeneralError     = "AUTHENTICATE_CODE_GENERAL_ERROR"
	RPCCodeWrongCredentials = "AUTHENTICATE_CODE_WRONG_CREDENTIALS"
	RPCCodeUserLocked       = "AUTHENTICATE_CODE_USER_LOCKED"
	RPCCodeIPBlocked        = "AUTHENTICATE_CODE_IP_BLOCKED"
	RPCCodeAlreadyLogged    = "AUTHENTICATE_CODE_ALREADY_LOGGED"
	RPCCodeTimezoneDenied   = "AUTHENTICATE_CODE_TIMEZONE_DENIED"
	RPCCodeSecondFactor     = "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED"
	RPCCodeTFATimeExceeded  = "AUTHENTICATE_CODE_TFA_TIME_EXCEEDED"
	RPCCloseOK              = "OK"
)

// RPCEnvelope is the body of every POST /grpc.
type RPCEnvelope struct {
	Method string          `json:"method"`
	Data   json.RawMessage `json:"data"`
}

// RPCCredentials is the data of the Authenticate methods.
type RPCCredentials struct {
	UserName string `json:"user_name"`
	Password string `json:"password"`
}

// RPCAuthentication answers the Authenticate and RenewSession methods.
// ExpiresAt is UTC in the form that [ParseCompactTime] reads. ExpiresIn is in
// seconds, and zero where the server does not send it.
type RPCAuthentication struct {
	TokenName      string   `json:"token_name"`
	TokenValue     string   `json:"token_value"`
	ExpiresAt      string   `json:"expires_at"`
	ExpiresIn      Whole    `json:"expires_in"`
	IsUnrestricted bool     `json:"is_unrestricted"`
	UserID         string   `json:"user_id"`
	RolesIDs       []string `json:"roles_ids"`
	ErrorCode      RPCCode  `json:"error_code"`

	SecondFactor RPCSecondFactorInfo `json:"auth_second_factor_info"`
}

// RPCSecondFactorInfo stands in the answer to a login that needs a second factor.
// Type is a name, as in "GOOGLE_AUTHENTICATOR".
type RPCSecondFactorInfo struct {
	Type             RPCFactorType `json:"type"`
	SessionID        string        `json:"session_id"`
	SessionExpiresAt string        `json:"session_expires_at"`
}

// RPCSecondFactorAnswer is the data of AuthenticateBySecondFactor.
type RPCSecondFactorAnswer struct {
	SessionID        string `json:"session_id"`
	VerificationCode string `json:"verification_code"`
}

// RPCSessionQuery is the data of GetSessionInfo.
type RPCSessionQuery struct {
	SessionToken string `json:"session_token"`
}

// RPCSessionInfo answers GetSessionInfo. ExpiresAt is RFC 3339, the JSON form of
// a timestamp of protocol buffers.
type RPCSessionInfo struct {
	Login     string `json:"login"`
	ExpiresAt string `json:"expires_at"`
}

// RPCCode is a code of the Authenticate methods, by its name. It reads the number,
// too, which is what a server prints whose own list is older than the code.
type RPCCode string

// UnmarshalJSON implements [json.Unmarshaler].
func (c *RPCCode) UnmarshalJSON(data []byte) error {
	return unmarshalEnum((*string)(c), data, map[Whole]string{
		0: RPCCodeOK, 1: RPCCodeGeneralError, 2: RPCCodeWrongCredentials, 4: RPCCodeUserLocked, 5: RPCCodeIPBlocked, 6: RPCCodeAlreadyLogged,
		8: "AUTHENTICATE_CODE_PASSWORD_INVALID", 10: "AUTHENTICATE_CODE_WRONG_SUPERVISOR_ROLE", 11: RPCCodeTimezoneDenied, 12: RPCCodeSecondFactor,
		20: "AUTHENTICATE_CODE_TFA_WRONG_CODE", 21: "AUTHENTICATE_CODE_TFA_NOT_ENABLED", 22: "AUTHENTICATE_CODE_TFA_TYPE_MISMATCH",
		23: "AUTHENTICATE_CODE_TFA_TYPE_UNSUPPORTED", 24: "AUTHENTICATE_CODE_TFA_ATTEMPT_LIMIT_EXCEEDED", 25: RPCCodeTFATimeExceeded,
	})
}

// RPCFactorType is a kind of second factor, by its name or number.
type RPCFactorType string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *RPCFactorType) UnmarshalJSON(data []byte) error {
	return unmarshalEnum((*string)(t), data, map[Whole]string{0: "NONE", 1: "GOOGLE_AUTHENTICATOR", 2: "SUPERVISOR"})
}

// unmarshalEnum reads the JSON form of an enum of protocol buffers. A number
// without a name stays in digits.
func unmarshalEnum(name *string, data []byte, names map[Whole]string) error {
	var n Whole
	if len(data) == 0 || data[0] == '"' || n.UnmarshalJSON(data) != nil || string(data) == "null" {
		return json.Unmarshal(data, name)
	}
	if *name = names[n]; *name == "" {
		*name = strconv.FormatInt(int64(n), 10)
	}
	return nil
}

// RPCClosed answers CloseSession.
type RPCClosed struct {
	ErrorCode string `json:"error_code"`
}

// RPCError is the body of an HTTP answer that is not 200. GRPCErrorCode is a
// gRPC status code (16 is UNAUTHENTICATED).
type RPCError struct {
	ErrorMessage  string `json:"errorMessage"`
	GRPCErrorCode Whole  `json:"grpcErrorCode"`
}
