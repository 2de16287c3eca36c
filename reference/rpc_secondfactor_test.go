package reference_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"google.golang.org/grpc/codes"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

const totpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// withSecondFactors opens an office where ann has an authenticator, and ben the
// supervisor root.
func withSecondFactors(t *testing.T) *office {
	t.Helper()
	return open(t, func(c *reference.Config) {
		c.Accounts = append(c.Accounts,
			account.Account{Login: "ann", Email: "ann@example.com", Password: "ann", TOTPSecret: totpSecret, Rights: account.Rights{account.Everything}},
			account.Account{Login: "ben", Email: "ben@example.com", Password: "ben", Supervisor: "root"},
		)
	})
}

// code is what ann's authenticator shows after a while.
func (o *office) code(later time.Duration) string {
	o.t.Helper()
	code, err := totp.GenerateCode(totpSecret, o.clock.Now().Add(later))
	if err != nil {
		o.t.Fatal(err)
	}
	return code
}

// pendingLogin logs in and returns the id of the login that waits (RPC-29).
func (o *office) pendingLogin(user string, kind string) string {
	o.t.Helper()
	r := o.want("login", o.call(wire.RPCAuthenticateEx2, credentials(user, user), basic(user, user)), 200)
	var info struct{ Type, SessionID, SessionExpiresAt string }
	text := r.member("auth_second_factor_info")
	for name, member := range map[string]*string{"type": &info.Type, "session_id": &info.SessionID, "session_expires_at": &info.SessionExpiresAt} {
		*member = reply{body: []byte(text)}.member(name)
	}
	end, err := wire.ParseCompactTime(info.SessionExpiresAt)
	if err != nil || !end.After(o.clock.Now()) || info.Type != kind || info.SessionID == "" || r.member("token_value") != "" ||
		r.member("error_code") != "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED" {
		o.t.Fatalf("the login of %s answers %s (%v)", user, r.body, err)
	}
	return info.SessionID
}

// goOn sends a verification code and returns the token, or the code of the refusal.
func (o *office) goOn(user, id, code string) (token, refusal string) {
	o.t.Helper()
	r := o.want("second factor", o.call(wire.RPCBySecondFactor, fmt.Sprintf(`{"session_id":%q,"verification_code":%q}`, id, code), basic(user, user)), 200)
	return r.member("token_value"), r.member("error_code")
}

func (o *office) wantRefused(what, user, id, code, want string) {
	o.t.Helper()
	if token, refusal := o.goOn(user, id, code); token != "" || refusal != "AUTHENTICATE_CODE_TFA_"+want {
		o.t.Errorf("%s: the answer has token %q and code %s, want %s", what, token, refusal, want)
	}
}

// TestSecondFactor: the right code obtains a token, once; every other obtains none
// (RPC-29, RPC-30).
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	o := withSecondFactors(t)
	id := o.pendingLogin("ann", "GOOGLE_AUTHENTICATOR")
	code := o.code(0)
	o.wantRefused("a wrong code", "ann", id, "000000x", "WRONG_CODE")
	o.wantRefused("a code of an hour ago", "ann", id, o.code(-time.Hour), "WRONG_CODE")
	token, refusal := o.goOn("ann", id, code)
	if token == "" || refusal != wire.RPCCodeOK {
		t.Fatalf("the right code is answered %q %s", token, refusal)
	}
	o.want("the token", o.call(wire.RPCGetVersion, `{}`, bearer(token)), 200)
	o.wantRefused("the login again", "ann", id, o.code(0), "TIME_EXCEEDED")
	o.wantRefused("the code for another login", "ann", o.pendingLogin("ann", "GOOGLE_AUTHENTICATOR"), code, "WRONG_CODE")
	o.wantRefused("a login that nobody made", "ann", "nonsense", o.code(0), "TIME_EXCEEDED")

	late := o.pendingLogin("ann", "GOOGLE_AUTHENTICATOR")
	o.clock.Advance(2 * time.Minute)
	o.wantRefused("a late code", "ann", late, o.code(0), "TIME_EXCEEDED")

	many := o.pendingLogin("ann", "GOOGLE_AUTHENTICATOR")
	for range 5 {
		o.wantRefused("a wrong code", "ann", many, "12345", "WRONG_CODE")
	}
	o.wantRefused("one too many", "ann", many, o.code(0), "ATTEMPT_LIMIT_EXCEEDED")
}

// TestSecondFactorIsThrottled: wrong codes count as wrong passwords do, so that
// logging in again gives nobody more of them.
func TestSecondFactorIsThrottled(t *testing.T) {
	t.Parallel()
	o := withSecondFactors(t)
	for range 2 {
		id := o.pendingLogin("ann", "GOOGLE_AUTHENTICATOR")
		for range 5 {
			o.wantRefused("a wrong code", "ann", id, "12345", "WRONG_CODE")
		}
	}
	o.want("the eleventh", o.call(wire.RPCAuthenticateEx2, credentials("ann", "ann"), basic("ann", "ann")), 429)
}

// TestCodesAtOnce: of many right codes at the same moment one obtains a token.
func TestCodesAtOnce(t *testing.T) {
	t.Parallel()
	o := withSecondFactors(t)
	id, code := o.pendingLogin("ann", "GOOGLE_AUTHENTICATOR"), o.code(0)
	client := o.direct()
	var tokens atomic.Int64
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			answer, err := client.AuthenticateBySecondFactor(t.Context(), &rpcpb.SecondFactorRequest{SessionId: id, VerificationCode: code})
			if err != nil {
				t.Error(err)
			}
			if answer.GetTokenValue() != "" {
				tokens.Add(1)
			}
		})
	}
	wg.Wait()
	if tokens.Load() != 1 {
		t.Errorf("%d tokens were issued", tokens.Load())
	}
}

// TestSupervisor: a login waits for its supervisor, who approves or declines it.
func TestSupervisor(t *testing.T) {
	t.Parallel()
	o := withSecondFactors(t)
	client, root := o.direct(), with(t, wire.RPCTokenName, o.rpcToken("root"))
	id := o.pendingLogin("ben", "SUPERVISOR")
	o.wantRefused("before the approval", "ben", id, "", "WRONG_CODE")
	request := &rpcpb.SupervisorRequest{SessionId: id}
	foreign, err := client.ApproveAuthentication(with(t, wire.RPCTokenName, o.rpcToken("clerk")), request)
	if err != nil || foreign.GetErrorCode() != rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_WRONG_SUPERVISOR || foreign.GetVerificationCode() != "" {
		t.Errorf("another account approves: %v (%v)", foreign, err)
	}
	_, err = client.ApproveAuthentication(t.Context(), request)
	wantCode(t, "an approval without a token", err, codes.Unauthenticated)
	approved, err := client.ApproveAuthentication(root, request)
	if err != nil || approved.GetErrorCode() != rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK || len(approved.GetVerificationCode()) != 6 {
		t.Fatalf("the approval answers %v (%v)", approved, err)
	}
	if token, refusal := o.goOn("ben", id, approved.GetVerificationCode()); token == "" {
		t.Errorf("the approved login answers %s", refusal)
	}
	o.wantRefused("the code again", "ben", id, approved.GetVerificationCode(), "TIME_EXCEEDED")

	declined := o.pendingLogin("ben", "SUPERVISOR")
	rest := func(verb, body string) reply {
		return o.want(verb, o.send("POST", wire.RPCRESTPath+":"+verb, body, bearer(o.rpcToken("root"))), 200)
	}
	code := rest("approve", fmt.Sprintf(`{"session_id":%q}`, declined)).member("verification_code")
	if r := rest("decline", fmt.Sprintf(`{"session_id":%q}`, declined)); r.member("error_code") != "AUTHENTICATE_SFC_OK" {
		t.Errorf("declining answers %s", r.body)
	}
	o.wantRefused("a declined login", "ben", declined, code, "TIME_EXCEEDED")
	for _, id := range []string{"nonsense", o.pendingLogin("ann", "GOOGLE_AUTHENTICATOR")} {
		if r := rest("approve", fmt.Sprintf(`{"session_id":%q}`, id)); r.member("error_code") == "AUTHENTICATE_SFC_OK" || r.member("verification_code") != "" {
			t.Errorf("approving %s answers %s", id, r.body)
		}
	}
}

// TestPasswordAloneIsNotEnough: no dialect, no transport and no route lets in an
// account with a second factor by its password.
func TestPasswordAloneIsNotEnough(t *testing.T) {
	t.Parallel()
	o := withSecondFactors(t)
	o.want("session", o.send("POST", "/sessions", `{"session":{"email":"ann@example.com","password":"ann"}}`), 401)
	o.want("form", o.formLogin("login=ann&pass=ann"), 401)
	o.want("scoped", o.send("POST", "/api/v1/auth/token", `{"username":"ann","password":"ann"}`), 401)
	for _, method := range []string{wire.RPCGetVersion, wire.RPCListCameras, wire.RPCRenewSession, wire.RPCCloseSession, wire.RPCApprove, wire.RPCGetSessionInfo, "no.such"} {
		o.want(method, o.call(method, `{}`, basic("ann", "ann")), 401)
	}
	for _, path := range []string{wire.RPCCurrentUserPath, wire.RPCProductVersionPath, wire.RPCRESTPath + "/renew"} {
		o.want(path, o.send("GET", path, "", basic("ann", "ann")), 401)
	}
	short := o.want("Authenticate2", o.send("POST", wire.RPCRESTPath+"/authenticate2", credentials("ann", "ann")), 200)
	if short.member("token_value") != "" || short.member("auth_second_factor_info") == "" {
		t.Errorf("Authenticate2 answers %s", short.body)
	}
	answer, err := o.direct().AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "ann", Password: "ann"})
	if err != nil || answer.GetTokenValue() != "" || answer.GetAuthSecondFactorInfo().GetSessionId() == "" {
		t.Errorf("over gRPC the login answers %v (%v)", answer, err)
	}
}
