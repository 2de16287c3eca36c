// Package zoo proves that the judge is right. It keeps servers that are wrong on
// purpose (mutants) and servers that are right but different (variants), each
// one small change to the reference server: a part swapped, or a wrapper around
// its HTTP handler or its gRPC calls.
//
// The proof is the kill matrix. The suite must fail every mutant in exactly the
// requirements that the mutant says it breaks, pass every variant, and every
// requirement, every single scenario even, must have a mutant that it fails.
// A [Plan] may leave each mutant a sample of the rows that it does not break.
//
// This package assembles the zoo and judges it: by running package conformance
// against each server over real HTTP and gRPC. The servers stand below it:
// session, form, rpc and scoped make the mutants and variants of a dialect,
// security the mistakes of the SEC rows, which are the same in each, and wire
// the variants that are judged in all. Package mutation says what a server can
// be changed in.
//
// A new mutant is one value in a list: in the package of its dialect and the file
// of its subject, as session/login.go or rpc/sessions.go. The ledgers know what
// tokens a server gave out. A new variant is one value in variants.go.
//
// table.go publishes the matrix; flags and printing are for the command.
package zoo
