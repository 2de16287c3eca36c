// Package mockserver is the reference server as a test double: real listeners
// on loopback, accounts whose passwords are known, a clock that the test moves,
// and a journal of what the client did.
//
//	mock := mockserver.New(t)
//	client := myclient.New(mock.URL, "root@example.com", "root")
//	mock.Advance(11 * time.Minute) // the access token has expired
//
// Everything that the mock answers comes from package reference, with three
// parts replaced: a cheap password hash, a movable clock, and an RSA key that
// all mocks of a process share. Mocks share nothing else; tests may run in
// parallel, each with its own.
package mockserver
