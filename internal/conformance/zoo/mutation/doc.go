// Package mutation is what all servers of the zoo are made with: the types
// Mutant and Variant, and the reference server that their Change functions
// change.
//
// A Change swaps parts in the server's Config, or puts something around its
// handler and its calls. The methods of Server and the functions beside them
// are the usual ways to do that: OnRequest changes what comes in, OnAnswer what
// goes out, and Instead answers in the reference's place. The functions in
// mistakes.go are whole mistakes that servers make in several dialects.
//
// Which mistakes there are stands in the packages of the dialects; package zoo
// judges the servers.
package mutation
