package rpc_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
)

const challenged = `{"error_code":"AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED","token_value":"",` +
	`"auth_second_factor_info":{"type":"GOOGLE_AUTHENTICATOR","session_id":"s-1","session_expires_at":"20991112T144147"}}`

func TestASecondFactor(t *testing.T) {
	t.Parallel()
	answer := func(code string, err error) rpc.Option {
		return rpc.WithSecondFactor(func(_ context.Context, challenge rpc.Challenge) (string, error) {
			if challenge.Session.Reveal() != "s-1" || challenge.Kind != "GOOGLE_AUTHENTICATOR" || challenge.Expires.Year() != 2099 {
				t.Errorf("the challenge is %+v", challenge)
			}
			return code, err
		})
	}
	errLost := errors.New("the telephone is lost")
	for name, c := range map[string]struct {
		options   []rpc.Option
		first     string
		second    string
		cause     error
		code      string
		temporary bool
	}{
		"right":            {[]rpc.Option{answer("123456", nil)}, challenged, `{"token_value":"t","error_code":"AUTHENTICATE_CODE_OK"}`, nil, "", false},
		"nobody to ask":    {nil, challenged, "", rpc.ErrSecondFactor, "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED", false},
		"by number":        {nil, `{"error_code":12,"auth_second_factor_info":{"type":1,"session_id":"s-1"}}`, "", rpc.ErrSecondFactor, "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED", false},
		"no session":       {[]rpc.Option{answer("123456", nil)}, `{"error_code":12}`, "", rpc.ErrSecondFactor, "AUTHENTICATE_CODE_SECOND_FACTOR_AUTH_NEEDED", false},
		"lost":             {[]rpc.Option{answer("", errLost)}, challenged, "", errLost, "", true},
		"empty":            {[]rpc.Option{answer("", nil)}, challenged, "", sdk.ErrConfig, "", true},
		"wrong":            {[]rpc.Option{answer("0", nil)}, challenged, `{"error_code":"AUTHENTICATE_CODE_TFA_WRONG_CODE"}`, sdk.ErrRefused, "AUTHENTICATE_CODE_TFA_WRONG_CODE", false},
		"wrong, by number": {[]rpc.Option{answer("0", nil)}, challenged, `{"error_code":20}`, sdk.ErrRefused, "AUTHENTICATE_CODE_TFA_WRONG_CODE", false},
		"not enabled":      {[]rpc.Option{answer("0", nil)}, challenged, `{"error_code":21}`, sdk.ErrRefused, "AUTHENTICATE_CODE_TFA_NOT_ENABLED", false},
		"another type":     {[]rpc.Option{answer("0", nil)}, challenged, `{"error_code":22}`, sdk.ErrRefused, "AUTHENTICATE_CODE_TFA_TYPE_MISMATCH", false},
		"no such type":     {[]rpc.Option{answer("0", nil)}, challenged, `{"error_code":23}`, sdk.ErrRefused, "AUTHENTICATE_CODE_TFA_TYPE_UNSUPPORTED", false},
		"too many":         {[]rpc.Option{answer("0", nil)}, challenged, `{"error_code":24}`, sdk.ErrRefused, "AUTHENTICATE_CODE_TFA_ATTEMPT_LIMIT_EXCEEDED", false},
		"too late":         {[]rpc.Option{answer("0", nil)}, challenged, `{"error_code":25}`, sdk.ErrUnavailable, "AUTHENTICATE_CODE_TFA_TIME_EXCEEDED", true},
		"no token":         {[]rpc.Option{answer("0", nil)}, challenged, `{}`, sdk.ErrProtocol, "", false},
	} {
		server := wiretest.New(wiretest.JSON(c.first), wiretest.JSON(c.second))
		token, err := newClient(t, server, c.options...).Token(t.Context())
		var e *sdk.Error
		switch {
		case c.cause == nil && (err != nil || token.Access.Reveal() != "t"):
			t.Errorf("%s: %v, %v", name, token, err)
		case c.cause != nil && (!errors.Is(err, c.cause) || !errors.As(err, &e) || e.Code != c.code || e.Temporary != c.temporary):
			t.Errorf("%s: %v, temporary %t", name, err, e != nil && e.Temporary)
		}
		var second *rpc.SecondFactorError
		if errors.Is(c.cause, rpc.ErrSecondFactor) && (!errors.As(err, &second) || name != "no session" && second.Challenge.Session.Reveal() != "s-1") {
			t.Errorf("%s: the error carries no challenge: %v", name, err)
		}
		if name == "right" {
			want := `POST /grpc [Basic cm9vdDpwYXNz] {"method":"` + service + `AuthenticateBySecondFactor","data":{"session_id":"s-1","verification_code":"123456"}}`
			if asked := server.Asked(); asked[1] != want {
				t.Errorf("asked %s, want %s", asked[1], want)
			}
		}
	}
}

func TestPoliciesThatPassByThemselvesAreTemporary(t *testing.T) {
	t.Parallel()
	for code, temporary := range map[string]bool{
		`"AUTHENTICATE_CODE_ALREADY_LOGGED"`: true, `"AUTHENTICATE_CODE_TIMEZONE_DENIED"`: true, `"AUTHENTICATE_CODE_IP_BLOCKED"`: true,
		`6`: true, `11`: true, `5`: true, `"4"`: false, `2`: false, `8`: false, `10`: false, `99`: false,
		`"AUTHENTICATE_CODE_PASSWORD_INVALID"`: false, `"AUTHENTICATE_CODE_WRONG_SUPERVISOR_ROLE"`: false,
	} {
		err := newClient(t, wiretest.New(wiretest.JSON(`{"error_code":`+code+`}`))).Login(t.Context())
		var e *sdk.Error
		if !errors.As(err, &e) || e.Temporary != temporary || errors.Is(err, sdk.ErrUnavailable) != temporary {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer wiretest.Answer
		cause  error
	}{
		"live":           {wiretest.JSON(`{"login":"root","expires_at":"2099-11-12T14:41:47.5Z"}`), nil},
		"no end":         {wiretest.JSON(`{"login":"root"}`), nil},
		"dead":           {wiretest.Answer{Status: 401}, sdk.ErrRefused},
		"dead, with 500": {wiretest.Answer{Status: 500, Body: `{"grpcErrorCode":16}`}, sdk.ErrRefused},
		"unknown method": {wiretest.Answer{Status: 404, Body: `{"grpcErrorCode":12}`}, sdk.ErrUnsupported},
		"no JSON":        {wiretest.JSON(`7`), sdk.ErrProtocol},
	} {
		server := wiretest.New(wiretest.JSON(`{"token_value":"t","user_id":"u"}`), c.answer)
		token, err := rpc.Of(newClient(t, server)).Inspect(t.Context())
		if !errors.Is(err, c.cause) || (err == nil) != (c.cause == nil) || err == nil && (token.Access.Reveal() != "t" || token.Subject != "root" || token.Expires.IsZero() == (name == "live")) {
			t.Errorf("%s: %v, %v", name, token, err)
		}
		want := `POST /grpc [Bearer t] {"method":"` + service + `GetSessionInfo","data":{"session_token":"t"}}`
		if asked := server.Asked(); asked[1] != want {
			t.Errorf("asked %s, want %s", asked[1], want)
		}
	}
}

func TestREST(t *testing.T) {
	t.Parallel()
	for path, option := range map[string]rpc.Option{"/v1/authentication": rpc.WithREST(""), "/prefix/auth": rpc.WithREST("/prefix/auth/")} {
		synctest.Test(t, func(t *testing.T) {
			server := wiretest.New(wiretest.JSON(`{"token_value":"t1","expires_in":600}`), wiretest.JSON(`{"token_value":"t2","expires_in":600}`), wiretest.JSON(`{"error_code":"OK"}`))
			client := newClient(t, server, option, rpc.WithV2Names())
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			<-time.After(550 * time.Second)
			if _, err := client.Renew(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := client.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := []string{
				`POST ` + path + `/authenticate_ex2 {"user_name":"root","password":"pass"}`,
				`GET ` + path + `/renew2 [Bearer t1]`, `GET ` + path + `/close [Bearer t2]`,
			}
			if got := server.Asked(); !slices.Equal(got, want) {
				t.Errorf("asked\n%q\nwant\n%q", got, want)
			}
		})
	}
}

// TestARefusedSecondFactorIsNoRefusedPassword logs in twice: the password is asked
// for again only where the refusal is of the password.
func TestARefusedSecondFactorIsNoRefusedPassword(t *testing.T) {
	t.Parallel()
	code := func(c string) string { return `{"error_code":` + c + `}` }
	for name, c := range map[string]struct {
		first, second string // answers; second "": there is no second step
		asked         int    // in both logins
	}{
		"a token":              {challenged, `{"token_value":"t"}`, 1},
		"a wrong code":         {challenged, code("20"), 1},
		"not enabled":          {challenged, code("21"), 1},
		"another type":         {challenged, code("22"), 1},
		"no such type":         {challenged, code("23"), 1},
		"too many codes":       {challenged, code("24"), 1},
		"too late":             {challenged, code("25"), 1},
		"a wrong supervisor":   {challenged, code("10"), 1},
		"no such answer":       {challenged, `[]`, 1},
		"refused at once":      {code("24"), "", 1},
		"the supervisor first": {code("10"), "", 1},
		"no session":           {code("12"), "", 1},
		"an answer of nothing": {`{}`, "", 1},
		"locked":               {code("4"), "", 1},
		"wrong credentials":    {code("2"), "", 2},
		"the password invalid": {code("8"), "", 2},
		"another code":         {code("99"), "", 2},
	} {
		answers := []wiretest.Answer{wiretest.JSON(c.first)}
		if c.second != "" {
			answers = append(answers, wiretest.JSON(c.second))
		}
		asked := 0
		ask := func(context.Context) (sdk.Secret, error) {
			asked++
			return sdk.NewSecret("pass"), nil
		}
		factor := rpc.WithSecondFactor(func(context.Context, rpc.Challenge) (string, error) { return "1", nil })
		server := memhttp.Transport(wiretest.New(append(answers, answers...)...))
		client, err := sdk.New("https://office.example", rpc.PasswordFunc("root", ask, factor), sdk.WithHTTPTransport(server), sdk.WithoutBackgroundRenewal())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_ = client.Login(t.Context()) // what it says is the concern of other tests
		}
		if asked != c.asked {
			t.Errorf("%s: asked %d times, want %d", name, asked, c.asked)
		}
	}
}
