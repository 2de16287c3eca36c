// Package zoo proves that the judge is right. It keeps servers that are wrong on
// purpose (mutants) and servers that are right but different (variants), each
// one small change to the reference server: a part swapped, or a wrapper around
// its HTTP handler or its gRPC calls.
//
// The proof is the kill matrix. The suite must fail every mutant in exactly the
// requirements that the mutant says it breaks, pass every variant, and every
// requirement, every single scenario even, must have a mutant that it fails.
//
// A new mutant is one value in a list: in the file of its dialect and subject
// (session_logins.go, form_access.go, rpc_sessions.go, scoped_manage.go and so
// on), or in security.go for the rows that all dialects share. What its Change
// can do stands in server.go and, for answers, requests and calls, in the files
// of these names; the ledgers know what tokens a server gave out. A new variant
// is one value in variants_*.go.
//
// It judges by running package conformance against each server over real HTTP
// and gRPC. The publication of the matrix is table.go's; flags and printing are
// for the command.
package zoo
