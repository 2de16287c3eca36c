// Package session serves the session dialect: POST /sessions and /tokens for
// tokens, GET and DELETE below /sessions for the user's sessions, and /users as
// the protected collection; /sessions and /users also under their Italian paths.
// Package grant holds the rules.
package session
