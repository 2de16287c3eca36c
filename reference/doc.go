// Package reference is the reference server: it serves the four dialects on one
// HTTP listener at their documented paths, and the rpc dialect over gRPC on
// another.
//
// [New] builds a [Server] from the parts in a [Config]: clock, random source,
// store, accounts, hasher, limiter, scope matcher, signers, lifetimes. There is no
// switch for tests: a server that behaves differently has other parts, or wraps
// [Server.Handler]. Flags and settings are up to the program; "dragoman serve" is
// one.
//
// # Endpoints
//
//	session  POST                /sessions              log in
//	         GET                 /sessions              the sessions of the caller
//	         GET, DELETE         /sessions/:id          show, end a session
//	         POST                /tokens                refresh
//	         GET                 /users, /users/:id     protected
//	form     POST                /login                 log in, with form data
//	         GET, PUT, DELETE    /login                 show, extend, end a token
//	         GET                 /items, /items/:id     protected
//	rpc      POST                /grpc                  {method,data}
//	         POST                /v1/authentication/authenticate2    log in
//	         POST                /v1/authentication/authenticate_ex2
//	         GET                 /v1/authentication/renew, /v1/authentication/renew2
//	         GET                 /v1/authentication/close
//	         POST                /v1/authentication/close_session
//	         POST                /v1/authentication:approve, /v1/authentication:decline
//	         GET                 /product/version, /currentuser   protected
//	scoped   POST                /api/v1/auth/token     issue a token for credentials
//	         GET, POST           /api/v1/tokens         list, issue tokens
//	         DELETE              /api/v1/tokens/:id     revoke a token
//	         GET                 /api/v1/methods        what scopes may name
//	         GET, POST           /api/v1/objects        protected
//	         GET, PATCH, DELETE  /api/v1/objects/:id    protected
//	         GET                 /api/v1/objects/:id/packets            protected
//	         POST                /api/v1/objects/:id/commands/:command  protected
//	         GET, POST           /api/v1/geofences      protected
//	         GET, DELETE         /api/v1/geofences/:id  protected
//	all      GET                 /                      the dialects, as JSON or HTML
//	         GET                 /openapi/<dialect>.json, /.well-known/jwks.json, /healthz
//	         GET, POST           /_dragoman/clock       only with Config.ClockControl
//
// /sessions and /users are also /sessioni and /utenti. What has GET has HEAD. The
// methods of rpc are Authenticate, Authenticate2, AuthenticateEx, AuthenticateEx2,
// AuthenticateBySecondFactor, ApproveAuthentication, DeclineAuthentication,
// RenewSession, RenewSession2, CloseSession and GetSessionInfo of
// axxonsoft.bl.auth.AuthenticationService, and GetVersion and ListCameras (protected)
// of axxonsoft.bl.domain.DomainService. The gRPC listener has the same services, health
// and reflection.
//
// # Accounts and rights
//
// [DemoAccounts] has three accounts. The API key of root is [DemoAPIKey], the secret
// of guarded's authenticator [DemoTOTPSecret]; it can log in in the rpc dialect only:
//
//	login    e-mail               password  rights
//	root     root@example.com     root      all; its API key allows GET /users
//	clerk    clerk@example.com    clerk     none
//	guarded  guarded@example.com  guarded   all, after a code as well
//
// Rights are scopes such as "GET /users", "GET /objects/:id" or "POST /geofences",
// or "*" for everything. The protected resources of session and scoped need a
// right; those of form and rpc need only a token. An account without rights can log
// in and manage its own sessions and tokens.
//
// # Defaults
//
//	store      in memory; see package storeurl for SQLite and PostgreSQL
//	passwords  argon2id: 19 MiB, 4 at once, 256 more wait for at most 15 seconds
//	throttle   10 wrong passwords per account, 100 per network, within a minute
//	limits     bodies of 1 MiB, headers of 32 KiB
//	proxies    none is trusted
//
// [Lifetimes] has the defaults of sessions and tokens.
package reference
