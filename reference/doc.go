// Package reference is the reference server: it speaks the four dialects on one
// HTTP listener at their documented paths, and the rpc dialect over gRPC on
// another.
//
// [New] puts it together from parts, each of which is an argument: clock,
// random source, store, accounts, hasher, limiter, scope matcher, signers,
// lifetimes. It has no switch for tests; a server that behaves otherwise is made
// of other parts, or wraps [Server.Handler].
//
// The dialects' routes stand in the packages of their names, the rules of
// sessions and tokens in grant, those of logins in account. Flags and
// listeners are for the command.
package reference
