package zoo

import (
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// obtaining are wrong about logins.
func obtaining() []Broken {
	return []Broken{
		{
			Name: "login-for-each-call", Why: "the login stands in the function that makes a call",
			Breaks: []string{"CLI-02", "CLI-03", "CLI-04", "CLI-12", "CLI-13", "CLI-19", "CLI-20", "CLI-28", "CLI-33", "CLI-36", "CLI-44", "CLI-51", "CLI-52", "CLI-53", "CLI-55", "CLI-72", "CLI-73", "CLI-76"},
			habits: habits{loginEachCall: true},
		},
		{
			Name: "token-in-own-header", Why: "the header is a guess",
			Breaks: []string{"CLI-01", "CLI-03", "CLI-04", "CLI-05", "CLI-24", "CLI-25", "CLI-26", "CLI-27", "CLI-28", "CLI-34", "CLI-35", "CLI-37", "CLI-51", "CLI-52", "CLI-53", "CLI-54", "CLI-55", "CLI-64", "CLI-65"}, Hides: []string{"CLI-49"},
			habits: habits{otherHeader: true},
		},
		{
			Name: "calls-without-token", Why: "the login is made, and its result not used",
			Breaks: []string{"CLI-01", "CLI-03", "CLI-04", "CLI-05", "CLI-24", "CLI-25", "CLI-26", "CLI-27", "CLI-28", "CLI-34", "CLI-35", "CLI-37", "CLI-51", "CLI-52", "CLI-53", "CLI-54", "CLI-55", "CLI-64", "CLI-65"}, Hides: []string{"CLI-49"},
			habits: habits{noToken: true},
		},
		{
			Name: "token-for-one-use", Why: "a token is dropped when a call has used it",
			Breaks: []string{"CLI-02", "CLI-12", "CLI-19", "CLI-20", "CLI-33", "CLI-36", "CLI-44", "CLI-51", "CLI-52", "CLI-53", "CLI-55"},
			habits: habits{oneUse: true},
		},
		{
			Name: "login-for-each-caller", Why: "nobody thought of two callers at once",
			Breaks: []string{"CLI-03", "CLI-04", "CLI-13", "CLI-28"},
			habits: habits{ownLogins: true},
		},
		{
			Name: "password-as-it-is", Why: "bodies are put together from strings, Basic is in Latin-1",
			Breaks: []string{"CLI-05"},
			habits: habits{rawPassword: true},
		},
		{
			Name: "password-cut-off", Why: "a field of the form holds 32 characters",
			Breaks: []string{"CLI-05"},
			habits: habits{cutPassword: 32},
		},
		{
			Name: "refused-password-again", Why: "a loop repeats whatever fails",
			Breaks: []string{"CLI-06"},
			habits: habits{refusedAgain: 4},
		},
		{
			Name: "refused-password-respelt", Why: "it is friendly to users with a caps lock",
			Breaks: []string{"CLI-06"},
			habits: habits{respell: true},
		},
		{
			Name: "failed-login-for-each-caller", Why: "whoever waited for a login that failed tries again",
			Breaks: []string{"CLI-28"},
			habits: habits{noSharing: true},
		},
		{
			Name: "gives-up-after-500", Why: "each answer to a login but 200 counts as a wrong password",
			Breaks: []string{"CLI-18", "CLI-27", "CLI-28"}, In: map[string][]string{"CLI-18": {wire.Form, wire.RPC, wire.Scoped}},
			habits: habits{giveUpAfter500: true},
		},
		{
			Name: "gives-up-after-any-failure", Why: "an error of an exchange is kept permanently",
			Breaks: []string{"CLI-18", "CLI-21", "CLI-22", "CLI-23", "CLI-24", "CLI-25", "CLI-27", "CLI-28"},
			habits: habits{dieOnFailure: true},
		},
		{
			Name: "gives-up-after-lost-reply", Why: "an error of the network during a login is kept permanently",
			Breaks: []string{"CLI-21", "CLI-22"},
			habits: habits{dieOnLost: true},
		},
		{
			Name: "gives-up-after-failed-renewal", Why: "the session is called dead when a renewal fails", Dialects: onlySession,
			Breaks: []string{"CLI-15", "CLI-18", "CLI-21", "CLI-22", "CLI-23"},
			habits: habits{dieOnRenewal: true},
		},
	}
}

// reading are wrong about answers.
func reading() []Broken {
	return []Broken{
		{
			Name: "gives-up-on-html", Why: "another content type is taken for the wrong server",
			Breaks: []string{"CLI-26"},
			habits: habits{dieOnType: true},
		},
		{
			Name: "crashes-on-garbage", Why: "the error of the JSON parser is not looked at",
			Breaks: []string{"CLI-23", "CLI-24"},
			habits: habits{crashOnGarbage: true},
		},
		{
			Name: "scrapes-tokens", Why: "a regular expression finds the token",
			Breaks: []string{"CLI-22", "CLI-23", "CLI-24"},
			habits: habits{scrape: true},
		},
		{
			Name: "sends-undefined", Why: "a member that is not there becomes a text",
			Breaks: []string{"CLI-25"},
			habits: habits{undefined: true},
		},
		{
			Name: "one-form-of-numbers", Why: "the life of a token is read as one type only",
			Breaks: []string{"CLI-53"},
			habits: habits{wholeNumbers: true},
		},
		{
			Name: "known-members-only", Why: "the parser is strict",
			Breaks: []string{"CLI-54"},
			habits: habits{knownMembers: true},
		},
		{
			Name: "reads-expires", Why: "a member is read that other servers have",
			Breaks: []string{"CLI-54"},
			habits: habits{readExpires: true},
		},
		{
			Name: "wants-an-end", Why: "the end of a token is taken for granted",
			Breaks: []string{"CLI-52", "CLI-55"}, In: map[string][]string{"CLI-52": withLogout},
			habits: habits{wantEnd: true},
		},
		{
			Name: "no-end-is-ended", Why: "no end is the year 1970",
			Breaks: []string{"CLI-52", "CLI-55"}, In: map[string][]string{"CLI-52": withLogout},
			habits: habits{noEndIsEnded: true},
		},
		{
			Name: "own-clock", Why: "the server's times are compared with the client's clock", Dialects: withLogout,
			Breaks: []string{"CLI-51"},
			habits: habits{ownClock: true},
		},
		{
			Name: "skew-is-an-error", Why: "a rejection by a server whose Date is hours off is taken for a matter of the clocks, and given to the caller",
			Breaks: []string{"CLI-11", "CLI-51"},
			habits: habits{skewIsFinal: true, reactive: true},
		},
		{
			Name: "clock-by-date", Why: "the client sets its clock by the Date of a login", Dialects: onlySession,
			Breaks: []string{"CLI-52"},
			habits: habits{adoptDate: true},
		},
		{
			Name: "life-of-a-day", Why: "the life of tokens stands in the program",
			Breaks: []string{"CLI-11"},
			habits: habits{fixedLife: 24 * time.Hour},
		},
	}
}

// replacing are wrong about tokens that end.
func replacing() []Broken {
	return []Broken{
		{
			Name: "keeps-expired-token", Why: "401 is given to the caller, and the token stays",
			Breaks: []string{"CLI-10", "CLI-11"},
			habits: habits{takes401: true, reactive: true},
		},
		{
			Name: "only-by-the-clock", Why: "the token is replaced by the clock only",
			Breaks: []string{"CLI-10"},
			habits: habits{takes401: true},
		},
		{
			Name: "late-rejection-drops-new-token", Why: "a rejection drops the current token, not the one that was rejected",
			Breaks: []string{"CLI-13"},
			habits: habits{dropsNewest: true},
		},
		{
			Name: "new-token-for-one-call", Why: "the new token is used for the repeated call, and not stored",
			Breaks: []string{"CLI-12", "CLI-15", "CLI-16"}, Maybe: []string{"CLI-13"},
			habits: habits{keepsOld: true},
		},
		{
			Name: "each-caller-renews", Why: "the first login has a lock, and the renewal has none",
			Breaks: []string{"CLI-13"},
			habits: habits{ownRenewals: true},
		},
		{
			Name: "busy-is-an-error", Why: "the lock around a renewal is tried, and not waited for",
			Breaks: []string{"CLI-13"},
			habits: habits{busyFails: true},
		},
		{
			Name: "late-callers-give-up", Why: "a rejection counts only for the token in use",
			Breaks: []string{"CLI-13"},
			habits: habits{lateGivesUp: true},
		},
		{
			Name: "old-token-first", Why: "the new token is neither stored nor is the old one forgotten",
			Breaks: []string{"CLI-12", "CLI-13", "CLI-15", "CLI-16", "CLI-68"},
			habits: habits{dropsBoth: true},
		},
		{
			Name: "again-without-end", Why: "a rejected call is made again in a loop",
			Breaks: []string{"CLI-14"},
			habits: habits{attempts: 30},
		},
		{
			Name: "gives-up-after-two-rejections", Why: "a token that is rejected at once is taken for the end of the account",
			Breaks: []string{"CLI-14"},
			habits: habits{dieOnRejected: true},
		},
		{
			Name: "many-tokens-after-401", Why: "after a rejection a loop obtains tokens",
			Breaks: []string{"CLI-12", "CLI-13", "CLI-14", "CLI-15", "CLI-16"},
			habits: habits{provesTokens: true},
		},
		{
			Name: "again-fifteen-times", Why: "the limit of repetitions is that of another fault",
			Breaks: []string{"CLI-14"},
			habits: habits{attempts: 15},
		},
		{
			Name: "again-with-the-same-token", Why: "the repeated call carries the token that was rejected",
			Breaks: []string{"CLI-10"},
			habits: habits{sameToken: true},
		},
		{
			Name: "never-logs-in-again", Why: "the password is used at the start only, then refresh tokens", Dialects: onlySession,
			Breaks: []string{"CLI-15"},
			habits: habits{refreshForever: true},
		},
		{
			Name: "first-refresh-token", Why: "the refresh token of a renewal is not stored", Dialects: onlySession,
			Breaks: []string{"CLI-16"},
			habits: habits{oldRefresh: true},
		},
		{
			Name: "says-that-it-renews", Why: "it says that it can renew, and logs in again", Dialects: onlySession,
			Breaks: []string{"CLI-16"},
			habits: habits{relogin: true},
		},
		{
			Name: "refresh-token-as-bearer", Why: "whatever token there is is tried", Dialects: onlySession,
			Breaks: []string{"CLI-17"},
			habits: habits{refreshAsAccess: true},
		},
		{
			Name: "refresh-token-to-sessions", Why: "the session is looked at with the token that lives longest", Dialects: onlySession,
			Breaks: []string{"CLI-17"},
			habits: habits{refreshProbe: true},
		},
		{
			Name: "token-replaced-on-403", Why: "401 and 403 are treated alike",
			Breaks: []string{"CLI-19"},
			habits: habits{on403: true},
		},
		{
			Name: "repeats-403", Why: "403 is taken for a moment's trouble",
			Breaks: []string{"CLI-19"},
			habits: habits{again403: true},
		},
		{
			Name: "hides-403", Why: "an exception takes the place of the answer",
			Breaks: []string{"CLI-19"},
			habits: habits{hides403: true},
		},
		{
			Name: "token-dropped-on-500", Why: "any error drops the token",
			Breaks: []string{"CLI-20"},
			habits: habits{on500: true},
		},
		{
			Name: "gives-up-after-500-of-a-call", Why: "a 500 is kept permanently",
			Breaks: []string{"CLI-20"},
			habits: habits{dieOn500: true},
		},
		{
			Name: "token-dropped-on-reset", Why: "an error of the network drops the token",
			Breaks: []string{"CLI-33"},
			habits: habits{onReset: true},
		},
		{
			Name: "gives-up-on-reset", Why: "an error of the network ends the client",
			Breaks: []string{"CLI-33"},
			habits: habits{dieOnReset: true},
		},
		{
			Name: "never-early", Why: "it says that it heeds the end of tokens, and does not",
			Breaks: []string{"CLI-11"},
			habits: habits{reactive: true},
		},
	}
}
