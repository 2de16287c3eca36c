// Package steps holds the words of the conformance suites: what each Gherkin
// step does over raw HTTP and raw gRPC, and what it expects. It imports nothing
// of the client, of its wire facts or of the reference server, because a judge
// must not read the defendant's notes; what is expected stands in the features
// as literals.
//
// One World lives for one scenario. The files follow the dialects: session*.go,
// form*.go, rpc*.go and scoped*.go hold each dialect's own words; security*.go
// the words that all dialects share for the SEC rows, login.go those about
// refused logins, and answer.go those about any HTTP answer. Beneath them,
// exchange.go sends and raw.go sends what a server will cut short; garble.go
// and forge.go make wrong tokens of right ones, notoken.go finds tokens where
// none should be, alike.go compares refusals, clock.go moves the subject's time
// around an end, patience.go waits for throttles of earlier scenarios, visit.go
// is for the doctor who looks before judging, and secret.go keeps what went
// over the wire out of reports. Which scenarios run, and what their outcomes
// mean for a verdict, is for package conformance to say.
package steps
