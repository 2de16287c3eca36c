// Package session is the session dialect's routes: POST /sessions and /tokens
// for tokens, GET and DELETE below /sessions for what is open, and /users as
// the protected collection, each also under its Italian path. The rules stand
// in package grant.
package session
