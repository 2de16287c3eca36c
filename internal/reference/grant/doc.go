// Package grant holds the rules of sessions and tokens: it issues, checks,
// rotates, renews, extends, revokes, expires and lists them. The dialect packages
// above translate them to the wire; the store below holds records that it does
// not interpret.
//
// There is one record per grant: a session (session, rpc) or a single token
// (form, scoped). Every token carries the public id of its grant, and the record
// holds the SHA-256 digests of the live tokens with their ends. A check therefore
// costs one look-up and one digest, and what a token says about itself (its alg,
// its exp) is never read. The store holds no token.
//
// Package account decides who may log in.
package grant
