package wire

import "time"

// Paths, headers and the life of the session dialect's tokens.
const (
	SessionSessionsPath   = "/sessions"
	SessionSessionsPathIT = "/sessioni"
	SessionTokensPath     = "/tokens" // the same in every language
	SessionUsersPath      = "/users"
	SessionUsersPathIT    = "/utenti"

	// SessionAPIKeyHeader carries an API key instead of a bearer (SES-21).
	SessionAPIKeyHeader = "X-Api-Key"
	// SessionInflectionHeader selects another case of the reply's keys
	// (SES-23): camel, dash, snake or pascal.
	SessionInflectionHeader = "X-Api-Inflection"

	// SessionTokenType is the token_type of every answer.
	SessionTokenType = "Bearer"
	// SessionAccessLife is how long an access token lives (SES-02).
	SessionAccessLife = 10 * time.Minute
)

// SessionLogin is the body of POST /sessions.
type SessionLogin struct {
	Session SessionCredentials `json:"session"`
}

// SessionCredentials are what a user types to log in.
type SessionCredentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// SessionRefresh is the body of POST /tokens.
type SessionRefresh struct {
	RefreshToken string `json:"refresh_token"`
}

// SessionTokens answers a login and a refresh. ExpiresIn is in seconds.
type SessionTokens struct {
	TokenType    string `json:"token_type"`
	ExpiresIn    Whole  `json:"expires_in"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
}

// SessionInfo is one entry of GET /sessions. The document names the three
// attributes (address, device, user) but not their members; these are the
// reference server's.
type SessionInfo struct {
	ID        string    `json:"id"`
	IPAddress string    `json:"ip_address"`
	UserAgent string    `json:"user_agent"`
	User      string    `json:"user"`
	CreatedAt time.Time `json:"created_at"`
}
