// Package clientsuite judges clients of the four dialects, in any language. A client
// is a program that gets the address and the credentials of a mock server in its
// environment, and commands on standard input, one per line (see [Command]). Each
// scenario has a mock and a client of its own; the mock's journal is the evidence.
//
// The rows and their scenarios stand in features/client. [Run] plans them, runs each
// scenario, and reaches a verdict for each row, in the report that the suites of
// servers have, too.
//
// A client is judged by what the server has seen and by what it answers, never by
// how long anything took: on a busy machine a right client is slow.
//
// The parts: program.go and process.go start a client, conversation.go speaks with
// it, protocol.go has the lines; world.go is what a scenario works on, and the files
// whose names begin with steps are what its steps mean; scenario.go runs one, run.go
// all.
package clientsuite
