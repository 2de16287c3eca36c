// Package wire holds what clients and servers of the four dialects have to agree
// on: JSON shapes, paths, header names, lifetimes, time formats and the scope
// grammar. It has only data and pure functions: no I/O, no state, no clock.
//
// The client (package sdk and its dialects) and the reference server both import
// it. The conformance suite does not: the suite shares no code with what it
// tests.
//
// Names have their dialect as a prefix (SessionLogin, FormToken, RPCEnvelope,
// ScopedIssue), because the dialects use the same words for different things.
// The protocol buffers of the rpc dialect are in package rpcpb, so that a program
// without gRPC does not link them.
//
// Values of these types hold passwords and tokens as plain strings. Callers that
// keep them longer than one exchange wrap them in a type that does not print,
// such as sdk.Secret.
package wire

// The four dialects. Each has the same name in every layer.
const (
	// Session is the dialect of e-mail, password and a ten-minute bearer with
	// a refresh token.
	Session = "session"
	// Form is the dialect of an HTML form login and the X-Auth-Bearer header.
	Form = "form"
	// RPC is the dialect of {method,data} over HTTP and the same service over
	// gRPC.
	RPC = "rpc"
	// Scoped is the dialect of tokens with a life in words and scopes.
	Scoped = "scoped"
)

// Dialects lists the four dialects in their customary order. The slice is
// fresh on every call; callers may change it.
func Dialects() []string { return []string{Session, Form, RPC, Scoped} }
