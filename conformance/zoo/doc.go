// Package zoo proves that the judge is right. It keeps servers that are wrong on
// purpose (mutants) and servers that are right but different (variants), each
// one small change to the reference server: a part swapped, or a wrapper around
// its HTTP handler or its gRPC calls.
//
// The proof is the kill matrix. The suite must fail every mutant in exactly the
// requirements that the mutant says it breaks, pass every variant, and every
// requirement, every single scenario even, must have a mutant that it fails.
//
// A new mutant is one value in the file of its dialect: session_*.go, form.go,
// rpc.go, scoped_*.go, or security.go for the rows that all dialects share. What
// its Change can do stands in server.go and, for answers and requests, in
// answers.go, requests.go and calls.go.
package zoo
