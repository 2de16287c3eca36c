package wire

import "time"

// Paths and the default life of the scoped dialect. All paths stand under
// [ScopedPrefix].
const (
	ScopedPrefix      = "/api/v1"
	ScopedAuthPath    = "/auth/token"
	ScopedTokensPath  = "/tokens"
	ScopedMethodsPath = "/methods" // the document has no path; this one is ours
	ScopedObjectsPath = "/objects"

	// ScopedDefaultLife is the life of a token that is requested without expiresIn
	// (SCP-02).
	ScopedDefaultLife = 24 * time.Hour
)

// ScopedLogin is the body of POST /auth/token. ExpiresIn is a life in words
// (see [ParseLifetime]); scopes are as [ParseScope] reads them. Older clients
// send login for username.
type ScopedLogin struct {
	Username  string   `json:"username,omitempty"`
	Login     string   `json:"login,omitempty"`
	Password  string   `json:"password"`
	ExpiresIn string   `json:"expiresIn,omitempty"`
	Scopes    []string `json:"scopes,omitempty"`
}

// ScopedIssue is the body of POST /tokens.
type ScopedIssue struct {
	ExpiresIn string   `json:"expiresIn,omitempty"`
	Name      string   `json:"name,omitempty"`
	Scopes    []string `json:"scopes,omitempty"`
}

// ScopedToken answers both ways of issuing a token. Times are epoch
// milliseconds.
type ScopedToken struct {
	ID        string     `json:"_id"`
	Name      string     `json:"name,omitempty"`
	IssuedAt  Whole      `json:"issuedAt"`
	ExpiresAt Whole      `json:"expiresAt"`
	User      ScopedUser `json:"user"`
	Scopes    []string   `json:"scopes,omitempty"`
	Token     string     `json:"token"`
}

// ScopedUser names the owner of a token.
type ScopedUser struct {
	Name string `json:"name"`
}

// ScopedListed is one entry of GET /tokens. An unlimited token has no scopes.
type ScopedListed struct {
	ID        string   `json:"_id"`
	Name      string   `json:"name,omitempty"`
	ExpiresAt Whole    `json:"expiresAt"`
	Scopes    []string `json:"scopes,omitempty"`
}

// ScopedError is the body of every answer that is not a success. Code repeats
// the HTTP status as a string.
type ScopedError struct {
	Success bool     `json:"success"`
	Name    string   `json:"name"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Tags    []string `json:"tags"`
	Codes   []string `json:"codes"`
}
