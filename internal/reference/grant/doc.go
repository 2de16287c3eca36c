// Package grant holds the rules of sessions and tokens: it issues, checks,
// rotates, renews, extends, revokes, expires and lists them. The dialect packages
// above translate them to the wire; the store below holds records that it does
// not interpret.
//
// There is one record per grant: a session (session, rpc) or a single token
// (form, scoped). Every token carries the public id of its grant. The record holds
// the SHA-256 digests of the live tokens with their ends, and what such a token says
// about itself (its alg, its exp) is never read. Tokens of the session dialect carry
// a MAC instead, and their number and end, which are read once the MAC is right: a
// session may be refreshed hundreds of times, and its record does not grow. Either
// way a check costs one look-up and one digest. The store holds no token.
//
// Package account decides who may log in.
package grant
