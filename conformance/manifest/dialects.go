package manifest

import "time"

// Session describes the session dialect. Paths are relative to Prefix.
type Session struct {
	Prefix    string       `yaml:"prefix,omitempty"`
	Login     string       `yaml:"login,omitempty"`     // default /sessions
	Refresh   string       `yaml:"refresh,omitempty"`   // default /tokens
	Protected string       `yaml:"protected,omitempty"` // a collection; default /users
	Accounts  MailAccounts `yaml:"accounts"`
	// TokenLife is the life of an access token (SES-02). Default 10m.
	TokenLife time.Duration `yaml:"token_life,omitempty"`

	// Each section below declares a capability.
	SessionsAPI *SessionsAPI `yaml:"sessions_api,omitempty"`
	APIKey      *APIKey      `yaml:"api_key,omitempty"`
	Locales     []Locale     `yaml:"locales,omitempty"`
	Inflection  bool         `yaml:"inflection,omitempty"`
	Throttle    *Throttle    `yaml:"throttle,omitempty"`
}

// MailAccounts are accounts of the session dialect. Full has the right to read
// the protected collection; Limited, which declares the capability
// limited_account, can log in but has not.
type MailAccounts struct {
	Full    MailAccount  `yaml:"full"`
	Limited *MailAccount `yaml:"limited,omitempty"`
}

// MailAccount logs in with an e-mail address.
type MailAccount struct {
	Email    string `yaml:"email"`
	Password string `yaml:"password"`
}

// SessionsAPI says how sessions are shown and ended (SES-18 to SES-20), for
// the document gives their attributes but not the shape. {id} in Item stands
// for the session's id.
type SessionsAPI struct {
	List   string `yaml:"list,omitempty"`       // default /sessions; answers an array, or an object with one array member
	Item   string `yaml:"item,omitempty"`       // default /sessions/{id}
	ID     string `yaml:"id,omitempty"`         // member names: default id
	IP     string `yaml:"ip_address,omitempty"` // default ip_address
	Device string `yaml:"device,omitempty"`     // default user_agent
	User   string `yaml:"user,omitempty"`       // default user
	// End is the request that ends a session. Default DELETE of Item.
	End Endpoint `yaml:"end,omitempty"`
}

// Endpoint is a method and a path.
type Endpoint struct {
	Method string `yaml:"method,omitempty"`
	Path   string `yaml:"path,omitempty"`
}

// APIKey is a key and two paths (SES-21): GET of Allowed is within the key's
// permissions, GET of Denied is not, though the path exists.
type APIKey struct {
	Key     string `yaml:"key"`
	Allowed string `yaml:"allowed,omitempty"` // default: the protected collection
	Denied  string `yaml:"denied"`
}

// Locale is one language's paths beside the English ones (SES-22).
type Locale struct {
	Name      string `yaml:"name"`
	Login     string `yaml:"login"`
	Protected string `yaml:"protected"`
}

// Form describes the form dialect.
type Form struct {
	Prefix    string        `yaml:"prefix,omitempty"`
	Login     string        `yaml:"login,omitempty"`     // default /login
	Protected string        `yaml:"protected,omitempty"` // default /items
	Accounts  LoginAccounts `yaml:"accounts"`
	// ShortLife and LongLife are the lives without and with longtoken.
	// Defaults 24h and 720h.
	ShortLife time.Duration `yaml:"short_life,omitempty"`
	LongLife  time.Duration `yaml:"long_life,omitempty"`
	// ValidTo is the format of validTo: auto (default), rfc3339, datetime
	// (YYYY-MM-DD HH:MM:SS), epoch_seconds, epoch_millis, or a layout in the
	// manner of Go's time package.
	ValidTo string `yaml:"valid_to,omitempty"`
	// TimeZone is where a validTo without a zone is meant, as "Europe/Warsaw".
	// Default UTC.
	TimeZone string    `yaml:"time_zone,omitempty"`
	Throttle *Throttle `yaml:"throttle,omitempty"`
}

// LoginAccounts are accounts of the form, rpc and scoped dialects. Full has
// all rights that the judged paths need; Limited, where the dialect knows it,
// can log in but may not read the protected resources.
type LoginAccounts struct {
	Full    LoginAccount  `yaml:"full"`
	Limited *LoginAccount `yaml:"limited,omitempty"`
}

// LoginAccount logs in with a login name.
type LoginAccount struct {
	Login    string `yaml:"login"`
	Password string `yaml:"password"`
}

// RPC describes the rpc dialect. At least one of HTTP and GRPC is set; each
// declares the capability of its name.
type RPC struct {
	HTTP     *RPCOverHTTP  `yaml:"http,omitempty"`
	GRPC     *RPCOverGRPC  `yaml:"grpc,omitempty"`
	Accounts LoginAccounts `yaml:"accounts"`
	// Protected is the full name of a unary method that needs a token and
	// accepts an empty request. Default axxonsoft.bl.domain.DomainService.GetVersion.
	Protected string `yaml:"protected,omitempty"`
	// TokenLife is the life of a token. When it is 0, the suite takes the life
	// that expires_at promises.
	TokenLife time.Duration `yaml:"token_life,omitempty"`
	// V1Names declares Authenticate and Authenticate2.
	V1Names bool `yaml:"v1_names,omitempty"`
	// V2Names declares AuthenticateEx2 and RenewSession2.
	V2Names bool `yaml:"v2_names,omitempty"`
	// REST declares the service below a path; "{}" is enough.
	REST *RPCOverREST `yaml:"rest,omitempty"`
	// SessionInfo declares GetSessionInfo.
	SessionInfo bool `yaml:"session_info,omitempty"`
	// SecondFactor declares AuthenticateBySecondFactor.
	SecondFactor *SecondFactor `yaml:"second_factor,omitempty"`
	// Supervised declares ApproveAuthentication and DeclineAuthentication.
	Supervised *Supervised `yaml:"supervised,omitempty"`
	Throttle   *Throttle   `yaml:"throttle,omitempty"`
}

// Supervised is an account each of whose logins a supervisor has to approve.
type Supervised struct {
	Login    string `yaml:"login"`
	Password string `yaml:"password"`
	// Supervisor is the account that approves and declines. Default accounts.full.
	Supervisor *LoginAccount `yaml:"supervisor,omitempty"`
}

// SecondFactor is an account that asks for a code of an authenticator (RFC 6238:
// SHA-1, six digits, thirty seconds) beside its password. It may call the
// protected method.
type SecondFactor struct {
	Login    string `yaml:"login"`
	Password string `yaml:"password"`
	// Secret is what the authenticator makes its codes of, in base32.
	Secret string `yaml:"secret"`
}

// RPCOverREST is the authentication service as REST, on the subject's HTTP port.
type RPCOverREST struct {
	Path string `yaml:"path,omitempty"` // default /v1/authentication
}

// RPCOverHTTP is the {method,data} endpoint.
type RPCOverHTTP struct {
	Path string `yaml:"path,omitempty"` // default /grpc
}

// RPCOverGRPC is direct gRPC on the subject's gRPC port.
type RPCOverGRPC struct {
	TLS bool `yaml:"tls,omitempty"`
	// Trust says, with TLS, how both sides prove who they are on this port.
	// Default what subject.tls says.
	Trust *TLS `yaml:"trust,omitempty"`
}

// Scoped describes the scoped dialect. All paths are relative to Prefix.
type Scoped struct {
	Prefix   string        `yaml:"prefix,omitempty"` // default /api/v1
	Auth     string        `yaml:"auth,omitempty"`   // default /auth/token
	Tokens   string        `yaml:"tokens,omitempty"` // default /tokens
	Accounts LoginAccounts `yaml:"accounts"`
	// Resources are existing paths on which scopes are judged.
	Resources Resources `yaml:"resources,omitempty"`
	// DefaultLife is the life of a token asked for without expiresIn.
	// Default 24h.
	DefaultLife time.Duration `yaml:"default_life,omitempty"`

	// Methods is the path of the list of methods; it declares the capability
	// methods.
	Methods  string    `yaml:"methods,omitempty"`
	Wildcard bool      `yaml:"wildcard,omitempty"`
	Throttle *Throttle `yaml:"throttle,omitempty"`
}

// Resources are paths that exist on the subject and answer GET with 2xx for
// the full account.
type Resources struct {
	List  string `yaml:"list,omitempty"`  // default /objects
	Item  string `yaml:"item,omitempty"`  // one segment below List; default /objects/42
	Below string `yaml:"below,omitempty"` // one segment below Item; default /objects/42/packets
	Other string `yaml:"other,omitempty"` // another list; default /geofences
	// Write is a method other than GET that List offers. Default POST.
	Write string `yaml:"write,omitempty"`
	// WriteBody is a JSON body that Write accepts. Default {"name":"dragoman"}.
	WriteBody string `yaml:"write_body,omitempty"`
}
