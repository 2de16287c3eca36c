// Package grant is the only place that knows the rules of sessions and tokens:
// it issues, checks, rotates, renews, extends, revokes, expires and lists them.
// The dialect packages above it translate; the store below it keeps records
// that it does not understand.
//
// There is one record per grant: a session (session, rpc) or a single token
// (form, scoped). Every token carries the public id of its grant, and the record
// holds the SHA-256 digests of the live tokens with their ends. A check
// therefore costs one look-up and one digest, and what a token says about
// itself (its alg, its exp) never matters. The store holds no token.
//
// Who may log in is for package account.
package grant
