package zoo

import "time"

// habits are what a client does otherwise than the right one. The zero habits are
// right. Each is one mistake that is made in practice, or one right way among others.
type habits struct {
	// Obtaining tokens.
	loginEachCall  bool // it keeps no token
	ownLogins      bool // callers do not wait for each other's login
	cutPassword    int  // it knows that many bytes of the password
	rawPassword    bool // it writes the password into forms, JSON and Basic as it is
	respell        bool // it tries a refused password in other letter cases
	refusedAgain   int  // so often it sends a refused password again
	noSharing      bool // a failed login is tried again by each caller that waited for it
	giveUpAfter500 bool // an answer from 500 on to a login ends the client
	dieOnFailure   bool // any failed exchange ends the client
	dieOnLost      bool // an exchange without an answer ends the client
	dieOnRejected  bool // a call that is rejected again, with another token, ends the client
	dieOnRenewal   bool // a failed renewal ends the client
	dieOnType      bool // an answer to a login with another content type ends the client
	crashOnGarbage bool // it does not expect that JSON can be wrong

	atStart bool // it logs in before it is ready, and is ready whatever came of that

	// Reading answers.
	scrape       bool          // where the answer is no JSON, it looks for something like a token
	undefined    bool          // it sends a token that is not there as "undefined"
	wholeNumbers bool          // it reads whole numbers only, and the end in one form
	readExpires  bool          // it takes a member "expires" for a number
	knownMembers bool          // members that it does not know are an error
	wantEnd      bool          // a token without an end is an error
	noEndIsEnded bool          // a token without an end has ended
	ownClock     bool          // it compares the server's times with its own clock
	adoptDate    bool          // it sets its clock by the Date of a login
	fixedLife    time.Duration // it takes this for the life of every token
	maxLife      time.Duration // it replaces tokens that are older

	// The end of tokens.
	skewIsFinal     bool // a 401 whose Date is hours off is given to the caller: the clocks are to be set first
	oneUse          bool // it drops a token that was used
	noToken         bool // it sends calls without the token
	otherHeader     bool // it sends the token in a header of its own
	reactive        bool // it replaces a token only when that was rejected
	takes401        bool // it gives a 401 to the caller, and keeps the token
	dropsNewest     bool // a rejection ends whatever token it has, also one that came later
	dropsBoth       bool // the same, and it keeps no note of the rejection either
	ownRenewals     bool // callers whose token is rejected at the same time each obtain another
	busyFails       bool // a call that meets a replacement under way fails
	lateGivesUp     bool // a call whose token was replaced meanwhile is not made again
	provesTokens    bool // after a rejection it obtains many tokens
	hides403        bool // a 403 is an error
	dieOn500        bool // a 500 ends the client
	keepsOld        bool // it makes the call again with a new token, and keeps the old one
	attempts        int  // so often it makes a rejected call; 0 is twice
	sameToken       bool // it makes a rejected call again with the same token
	refreshForever  bool // a refused refresh is no reason for a login
	oldRefresh      bool // it keeps the first refresh token
	refreshProbe    bool // it asks for its sessions with the refresh token
	refreshAsAccess bool // it tries the refresh token in place of a rejected access token
	relogin         bool // it logs in again in place of a renewal
	on403           bool // it obtains another token after a 403, and makes the call again
	again403        bool // it makes a call again that was answered 403
	on500           bool // it drops its token after a 500
	onReset         bool // it drops its token after an error of the network
	dieOnReset      bool // an error of the network ends the client

	// Calls that are made again.
	emptyBody    bool // it makes a call again without the body
	halfBody     bool // it makes a call again with what is left of the body
	streamAgain  bool // it makes a call again with a body that was read already
	bodiesOnce   bool // it makes no call again that has a body
	hedge        bool // it sends each POST twice, and takes the first answer
	postAgain    bool // it makes every call again that got no answer
	retryOutages int  // so often it makes a GET again that was answered 503, three seconds later
	retryCalls   int  // so often it makes a GET again that was answered 503, at once

	// Waiting.
	atOnce     bool // it repeats a login that was answered 429 without waiting
	noDates    bool // it takes a Retry-After that is a date for none
	noJitter   bool // it waits exactly as long as it was asked to
	noRetry    bool // it does not repeat exchanges
	waitsLogin bool // it ignores the deadlines of callers that wait for a login
	anyOwns    bool // a login ends with any caller that waits for it
	noDeadline bool // it ignores the deadlines of callers
	firstOwns  bool // a login ends with the caller that began it
	serial     bool // it makes one call at a time

	// Where credentials go.
	follow         bool // it follows redirects with all headers, wherever they lead
	followHost     bool // it takes another port of the same host for the same origin
	followStandard bool // it leaves redirects to net/http, which removes Authorization only
	loginStandard  bool // redirects of a login are left to net/http
	followLogin    bool // a login follows redirects
	followBody     bool // it follows redirects to other origins without the token, with the body
	followNone     bool // it follows no redirect
	followBare     bool // it follows redirects without the token
	secondTrust    bool // it trusts every certificate after one was not trusted
	anyCertificate bool // it trusts every certificate
	tokenInQuery   bool // it puts the token into the query, too
	queryAgain     bool // it puts the token into the query of a call that is made again
	basicProbe     bool // it tries Basic before it logs in
	basicFirst     bool // it answers a 401 with Basic
	basicToo       bool // it sends Basic beside the token's own header (form dialect)

	// What it prints.
	printToken    bool // the token, when it has obtained one
	printPassword bool // the password, when it was refused
	printHeaders  bool // the headers of a request that was answered 500
	printAll      bool // all headers, when it is asked to print as much as it can
	printLogin    bool // the body of its login, when it is asked to print as much as it can

	// The end.
	logoutLocal   bool // a logout only forgets the token
	logoutBare    bool // a logout sends no token
	keepAfter     bool // a logout keeps the token
	endsByLogout  bool // it can do nothing after a logout
	keepUnless    bool // a logout keeps the token where the server does not confirm
	closeHangs    bool // it does not end when it is closed
	closeFails    bool // it ends with an error when it is closed
	noStore       bool // it keeps nothing in the store
	clearAtClose  bool // it empties the store when it is closed
	storeAtClose  bool // it writes the store when it is closed
	storeAtStart  bool // it reads the store when it starts, and never again
	keepsLock     bool // it locks the store once, and never unlocks it
	storeConflict bool // it does not use a token that another process has stored
	storeUnlocked bool // it does not lock the store
	newConnection bool // it uses a new connection for each request

	// gRPC.
	grpcBare        bool // it sends no token
	grpcHeader      bool // it sends the token as over HTTP
	grpcHides       bool // a code is an error without a code
	grpcTakes       bool // it gives UNAUTHENTICATED to the caller, and keeps the token
	grpcSame        bool // it makes a rejected call again with the same token
	grpcDrops       bool // it drops the token with each error
	grpcDropsDenied bool // it drops the token with PERMISSION_DENIED
	grpcDropsDown   bool // it drops the token with UNAVAILABLE
	grpcStreamBare  bool // it sends no token with streams
	grpcStreamTakes bool // it gives a stream's UNAUTHENTICATED to the caller, and keeps the token
	grpcStreamDrops bool // it drops the token with each error of a stream
	grpcStreamAgain bool // it begins a stream again that broke
	grpcStreamTwice bool // the same, and it tells the caller of the first
	grpcStreamClose bool // it closes its connection when a stream breaks
}
