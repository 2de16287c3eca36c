package reference

import (
	"crypto/rsa"
	"log/slog"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/observer"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
)

// The parts of a [Config] that are not in packages account, clock and store.

// Lifetimes are how long sessions and tokens live. Each is between a second and 100
// years; zero is the default:
//
//	SessionAccess  10 minutes  a session access token
//	SessionIdle    30 days     a refresh token, counted anew at every refresh
//	SessionTotal   90 days     a session, however often it is refreshed
//	RefreshGrace   90 days     how long a used refresh token is answered again, while
//	                           its successor is unused (as SessionTotal)
//	FormShort      24 hours    a form token
//	FormLong       30 days     a form token with longtoken
//	RPC            4 hours     an rpc token
//	Scoped         24 hours    a scoped token without expiresIn
//
// A negative RefreshGrace: a used refresh token is never answered again.
type Lifetimes = grant.Lifetimes

// Signer turns claims into a signed JWT. Implementations are safe for concurrent
// use. The server accepts the tokens that it has issued, whatever their signature:
// signatures are for programs that verify tokens themselves.
type Signer = grant.Signer

// Publisher is a [Signer] with a method PublicKey: as [Config.RPCSigner], the key that it
// returns is at /.well-known/jwks.json.
type Publisher = grant.Publisher

// SignerFunc adapts a function to a [Signer].
type SignerFunc = grant.SignerFunc

// HS256 returns a signer with a shared key of at least 32 bytes (RFC 7518 section
// 3.2).
func HS256(key []byte) (Signer, error) { return grant.HS256(key) }

// RS256 returns a signer with an RSA key of at least 2048 bits (RFC 7518 section
// 3.3). As [Config.RPCSigner] its public key is at /.well-known/jwks.json.
func RS256(key *rsa.PrivateKey) (Signer, error) { return grant.RS256(key) }

// ScopeMatcher compares scopes and rights such as "GET /objects/:id" with requests
// and with each other. Its methods are Check, Allows and Covers. Implementations
// are safe for concurrent use.
type ScopeMatcher = scope.Matcher

// ScopeGrammar is the [ScopeMatcher] of the documented grammar: ":name" matches one
// segment, a trailing "*" everything below, and the prefix /api/v1 is optional.
type ScopeGrammar = scope.Grammar

// TrustedProxies are the networks of reverse proxies; [TrustProxies] makes them. The
// zero value trusts no proxy. It is immutable.
type TrustedProxies = proxy.Trusted

// TrustProxies reads networks such as "10.0.0.0/8", and single addresses.
func TrustProxies(networks ...string) (TrustedProxies, error) { return proxy.Trust(networks...) }

// Observer is called for every request, for metrics. Its methods are Request, for a
// [Request] that has been answered, and Panic, for each panic that became a 500 or
// INTERNAL. Implementations are safe for concurrent use and return quickly.
type Observer = observer.Observer

// Request is an answered request. Its fields are Dialect ("none" where the path belongs
// to no dialect), Route (a method and a path with parameters, as "GET /users/:id", or the
// full name of a gRPC method; "other" where there is no route), Status (that of HTTP in
// digits, or the name of the gRPC code) and Took, the time to the end of the answer. Its
// texts come from small fixed sets, so that they can be labels of metrics: a client
// cannot choose them.
type Request = observer.Request

// AuditSink receives an [AuditEvent] for everything that happens to credentials.
// Its method is Record. Implementations are safe for concurrent use and return
// quickly: the request waits for them.
type AuditSink = audit.Sink

// AuditSinks passes every event to each of its sinks in order.
type AuditSinks = audit.Sinks

// AuditEvent is something that happened to a credential. Its fields are Kind,
// Dialect, Login, Unknown (no account has the login), Address (the client's), Grant (the
// public id of a session or token) and By (who did it: empty is the client, "operator"
// an operator at the admin page). It never holds a password, a token or a key.
type AuditEvent = audit.Event

// AuditKind says what happened.
type AuditKind = audit.Kind

// The kinds of events.
const (
	AuditLoginSucceeded = audit.LoginSucceeded
	AuditLoginFailed    = audit.LoginFailed    // the name or the password was wrong
	AuditLoginThrottled = audit.LoginThrottled // rejected without a check
	AuditLoginUnjudged  = audit.LoginUnjudged  // overloaded, no store, or a second factor is missing
	AuditIssued         = audit.Issued
	AuditRenewed        = audit.Renewed // a session refreshed, a token renewed or extended
	AuditRevoked        = audit.Revoked
	AuditReplayed       = audit.Replayed // a refresh token was used again, which ended its session
	AuditKeyUsed        = audit.KeyUsed  // a valid API key, with or without the right to the request
	AuditKeyRefused     = audit.KeyRefused
	AuditAllEnded       = audit.AllEnded       // an operator ended all of an account
	AuditDisabled       = audit.Disabled       // an operator disabled an account
	AuditEnabled        = audit.Enabled        // an operator enabled an account again
	AuditAdminFailed    = audit.AdminFailed    // the password of the admin page was wrong
	AuditAdminThrottled = audit.AdminThrottled // rejected without a check
)

// NewAuditLog returns a sink that writes each event to a handler of log/slog: the
// kind is the message, the fields are in the group "audit". Texts that a client has
// chosen are cut to 256 bytes; [slog.JSONHandler] escapes control characters, so
// that a client cannot forge a line.
func NewAuditLog(handler slog.Handler) AuditSink { return audit.NewLog(handler) }
