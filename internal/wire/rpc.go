package wire

import "encoding/json"

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
	ErrorCode      string   `json:"error_code"`
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
