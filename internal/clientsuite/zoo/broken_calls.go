package zoo

// repeating are wrong about calls that are made again.
func repeating() []Broken {
	return []Broken{
		{
			Name: "empty-body-again", Why: "the reader of the body stands at its end",
			Breaks: []string{"CLI-30", "CLI-31"},
			habits: habits{emptyBody: true, streamAgain: true},
		},
		{
			Name: "rest-of-the-body-again", Why: "the reader of the body stands where it was",
			Breaks: []string{"CLI-30"},
			habits: habits{halfBody: true},
		},
		{
			Name: "empty-stream-again", Why: "a body that can be read once is sent again as nothing",
			Breaks: []string{"CLI-31"},
			habits: habits{streamAgain: true},
		},
		{
			Name: "posts-again", Why: "every call that gets no answer is made again",
			Breaks: []string{"CLI-32"},
			habits: habits{postAgain: true},
		},
		{
			Name: "posts-twice", Why: "every call is sent twice, to be fast",
			Breaks: []string{"CLI-32"},
			habits: habits{hedge: true},
		},
		{
			Name: "calls-again-at-once", Why: "503 is repeated at once, whatever Retry-After says",
			Breaks: []string{"CLI-36"},
			habits: habits{retryCalls: 2},
		},
	}
}

// waiting are wrong about Retry-After and deadlines.
func waiting() []Broken {
	return []Broken{
		{
			Name: "login-again-at-once", Why: "429 is repeated at once, whatever Retry-After says",
			Breaks: []string{"CLI-34", "CLI-35", "CLI-37"},
			habits: habits{atOnce: true},
		},
		{
			Name: "no-dates", Why: "a Retry-After that is a date is taken for 0",
			Breaks: []string{"CLI-35"},
			habits: habits{noDates: true},
		},
		{
			Name: "no-jitter", Why: "it waits exactly as long as it is asked to",
			Breaks: []string{"CLI-37"},
			habits: habits{noJitter: true},
		},
		{
			Name: "ignores-deadlines", Why: "the context of the caller is not passed on",
			Breaks: []string{"CLI-64"},
			habits: habits{noDeadline: true},
		},
		{
			Name: "ignores-deadlines-of-logins", Why: "callers wait for the lock of the login",
			Breaks: []string{"CLI-64"},
			habits: habits{waitsLogin: true},
		},
		{
			Name: "ignores-deadlines-of-later-logins", Why: "the same, in a client that logs in at its start",
			Breaks: []string{"CLI-64"},
			habits: habits{atStart: true, waitsLogin: true},
		},
		{
			Name: "login-of-the-first-caller", Why: "the login has the context of the caller that began it",
			Breaks: []string{"CLI-65"},
			habits: habits{firstOwns: true},
		},
		{
			Name: "login-of-any-caller", Why: "a caller that leaves cancels what it waits for",
			Breaks: []string{"CLI-65"},
			habits: habits{anyOwns: true},
		},
	}
}

// overGRPC are wrong over gRPC.
func overGRPC() []Broken {
	return []Broken{
		{
			Name: "grpc-without-token", Why: "only HTTP was thought of", Dialects: onlyRPC,
			Breaks: []string{"CLI-70", "CLI-74"},
			habits: habits{grpcBare: true},
		},
		{
			Name: "grpc-other-key", Why: "the name of the metadata stands in the program", Dialects: onlyRPC,
			Breaks: []string{"CLI-70", "CLI-74"},
			habits: habits{grpcHeader: true},
		},
		{
			Name: "grpc-takes-unauthenticated", Why: "codes are given to the caller, and the token stays", Dialects: onlyRPC,
			Breaks: []string{"CLI-71"},
			habits: habits{grpcTakes: true},
		},
		{
			Name: "grpc-same-token-again", Why: "the call is made again with what it was made with", Dialects: onlyRPC,
			Breaks: []string{"CLI-71", "CLI-75"},
			habits: habits{grpcSame: true},
		},
		{
			Name: "grpc-drops-on-error", Why: "every error drops the token", Dialects: onlyRPC,
			Breaks: []string{"CLI-72", "CLI-73"},
			habits: habits{grpcDrops: true},
		},
		{
			Name: "grpc-denied-drops", Why: "PERMISSION_DENIED is taken for UNAUTHENTICATED", Dialects: onlyRPC,
			Breaks: []string{"CLI-72"},
			habits: habits{grpcDropsDenied: true},
		},
		{
			Name: "grpc-unavailable-drops", Why: "UNAVAILABLE drops the token with the connection", Dialects: onlyRPC,
			Breaks: []string{"CLI-73"},
			habits: habits{grpcDropsDown: true},
		},
		{
			Name: "grpc-streams-without-token", Why: "the interceptor is one for unary calls", Dialects: onlyRPC,
			Breaks: []string{"CLI-74"},
			habits: habits{grpcStreamBare: true},
		},
		{
			Name: "grpc-stream-takes-unauthenticated", Why: "only the beginning of a stream is looked at, and the code comes with its first message", Dialects: onlyRPC,
			Breaks: []string{"CLI-75"},
			habits: habits{grpcStreamTakes: true},
		},
		{
			Name: "grpc-stream-drops-on-error", Why: "whatever ends a stream drops the token", Dialects: onlyRPC,
			Breaks: []string{"CLI-76"},
			habits: habits{grpcStreamDrops: true},
		},
		{
			Name: "grpc-stream-begins-again", Why: "a stream that breaks is begun again, and its first messages come twice", Dialects: onlyRPC,
			Breaks: []string{"CLI-76"},
			habits: habits{grpcStreamAgain: true},
		},
		{
			Name: "grpc-stream-begins-again-unnoticed", Why: "the same, and the first end is what the caller is told", Dialects: onlyRPC,
			Breaks: []string{"CLI-76"},
			habits: habits{grpcStreamTwice: true},
		},
		{
			Name: "grpc-stream-break-closes", Why: "an exception in the reader of a stream closes the channel", Dialects: onlyRPC,
			Breaks: []string{"CLI-76"},
			habits: habits{grpcStreamClose: true},
		},
		{
			Name: "grpc-hides-codes", Why: "an exception takes the place of the code", Dialects: onlyRPC,
			Breaks: []string{"CLI-72", "CLI-73"},
			habits: habits{grpcHides: true},
		},
	}
}

// ending are wrong about logout, close and stores.
func ending() []Broken {
	return []Broken{
		{
			Name: "logout-is-local", Why: "a logout forgets the token, and does not tell the server", Dialects: withLogout,
			Breaks: []string{"CLI-60"}, Hides: []string{"CLI-62"},
			habits: habits{logoutLocal: true},
		},
		{
			Name: "logout-without-token", Why: "the token is forgotten before it is ended", Dialects: withLogout,
			Breaks: []string{"CLI-60"},
			habits: habits{logoutBare: true},
		},
		{
			Name: "token-after-logout", Why: "a logout tells the server, and keeps the token", Dialects: withLogout,
			Breaks: []string{"CLI-61", "CLI-62"},
			habits: habits{keepAfter: true},
		},
		{
			Name: "ends-by-logout", Why: "a logout ends the client", Dialects: withLogout,
			Breaks: []string{"CLI-61", "CLI-62"},
			habits: habits{endsByLogout: true},
		},
		{
			Name: "token-after-failed-logout", Why: "an error leaves the function before the token is forgotten", Dialects: withLogout,
			Breaks: []string{"CLI-62"},
			habits: habits{keepUnless: true},
		},
		{
			Name: "close-hangs", Why: "a thread keeps the process alive",
			Breaks: []string{"CLI-63"},
			habits: habits{closeHangs: true},
		},
		{
			Name: "close-fails", Why: "an error at the end becomes the exit code",
			Breaks: []string{"CLI-63"},
			habits: habits{closeFails: true},
		},
		{
			Name: "store-unused", Why: "the store is there, and not connected",
			Breaks: []string{"CLI-66", "CLI-67", "CLI-68"},
			habits: habits{noStore: true},
		},
		{
			Name: "store-written-at-close", Why: "the token is stored when the client is closed",
			Breaks: []string{"CLI-66", "CLI-68"},
			habits: habits{storeAtClose: true},
		},
		{
			Name: "store-emptied-at-close", Why: "the client cleans up when it ends",
			Breaks: []string{"CLI-67"},
			habits: habits{clearAtClose: true},
		},
		{
			Name: "store-read-at-start", Why: "the store is read once",
			Breaks: []string{"CLI-68"},
			habits: habits{storeAtStart: true},
		},
		{
			Name: "store-unlocked", Why: "processes do not wait for each other",
			Breaks: []string{"CLI-68"},
			habits: habits{storeUnlocked: true},
		},
		{
			Name: "store-conflict-is-an-error", Why: "a token that another process has stored is taken for damage",
			Breaks: []string{"CLI-68"},
			habits: habits{storeConflict: true},
		},
		{
			Name: "store-locked-for-good", Why: "the lock of the store is not released",
			Breaks: []string{"CLI-66", "CLI-67"}, Hides: []string{"CLI-68"},
			habits: habits{keepsLock: true},
		},
	}
}
