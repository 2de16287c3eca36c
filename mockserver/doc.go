// Package mockserver is the reference server as a test double: real listeners on
// loopback, accounts with known passwords, a clock that the test moves, mistakes that
// it makes when told to, and a journal of what the client did.
//
//	mock := mockserver.New(t)
//	client := myclient.New(mock.URL, "root@example.com", "root")
//	mock.Advance(11 * time.Minute) // the access token has expired
//
// # Endpoints
//
// A mock has the endpoints of package reference, which also lists the less used
// ones. For a login and a protected resource of each dialect:
//
//	session  POST /sessions           {"session":{"email":...,"password":...}}
//	         GET  /users              Authorization: Bearer
//	form     POST /login              login=...&pass=...
//	         GET  /items              X-Auth-Bearer
//	rpc      POST /grpc               {"method":...,"data":{...}}, Basic, then Bearer;
//	         gRPC                     the same services
//	scoped   POST /api/v1/auth/token  {"username":...,"password":...}
//	         GET  /api/v1/objects     Authorization: Bearer
//
// # Accounts
//
//	login    e-mail               password  rights
//	root     root@example.com     root      all; API key "demo-key-root-users" for GET /users
//	clerk    clerk@example.com    clerk     none: 403 in session and scoped
//	guarded  guarded@example.com  guarded   all, in rpc only: asks for a code of [reference.DemoTOTPSecret]
//
// session logs in by e-mail, the other dialects by login.
//
// # Defaults
//
// Without options a mock serves all dialects on two free ports of 127.0.0.1, over
// plain HTTP and gRPC. Its clock starts at the time of the machine and runs. Ten
// wrong passwords of an account within a minute are throttled, as are a hundred of
// a client. Tokens live as long as those of the reference:
//
//	session  10 minutes; the session 30 days after its last refresh
//	form     24 hours; 30 days with longtoken
//	rpc      4 hours
//	scoped   24 hours, or what expiresIn says
//
// A mock differs from the reference in three parts: a cheap password hash, a clock
// that can be moved, and an RSA key that all mocks of a process share. Mocks share
// nothing else; tests may run in parallel, each with its own.
//
// # Faults, holds and assertions
//
// [Server.Inject] lets the mock make a mistake: which requests it affects is said by
// [Operation], attempt, session, share or time, the same in every dialect, over
// HTTP/1.1, HTTP/2 and gRPC; what happens to them by an [Effect]. [Server.Hold]
// keeps requests until others have come. [Server.Requests] is the journal of what
// clients did, [Server.AssertOneRenewalPerToken] and the other assertions read it, and
// [WithMisuse] finds tokens that are used as they must not be.
//
//	mock.Inject(mockserver.Fault{Effect: mockserver.LostReply, Operation: mockserver.Renewal, Times: 1})
//	run(mock.URL) // the client's renewal succeeds at the server, and the client gets no answer
//	mock.AssertCalls(t, mockserver.Login, 2)
//
// # Where it runs
//
// A mock listens on loopback; [WithTLS] encrypts it; [WithMemory] serves without a
// network, also in a bubble of [testing/synctest], where a token of 30 days expires
// in microseconds. [Server.Client] and [Server.GRPC] reach it in every case.
package mockserver
