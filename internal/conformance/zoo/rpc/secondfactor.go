package rpc

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pquerna/otp/totp"
	"google.golang.org/grpc"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
)

// secondFactors are mistakes in logins with a second factor.
func secondFactors() []mutation.Mutant {
	mutants := []mutation.Mutant{
		{
			Name: "rpc/second-factor-is-not-asked-for", Breaks: []string{"RPC-29"},
			Why:    "The flag of the account is read by the web page alone.",
			Change: func(s *mutation.Server) { s.Accounts[len(s.Accounts)-1].TOTPSecret = "" },
		},
		{
			Name: "rpc/second-factor-with-token", Breaks: []string{"RPC-29"},
			Why: "The token is made with the answer, and is to be good after the code only.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.login().GetAuthSecondFactorInfo() != nil {
						c.login().TokenValue = mutation.StrayToken
					}
				})
			},
		},
		{
			Name: "rpc/second-factor-without-id", Breaks: []string{"RPC-29"},
			Why: "The login that waits is found by the name of its account, so that nobody needs its id.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if info := c.login().GetAuthSecondFactorInfo(); info != nil {
						info.SessionId = ""
					}
				})
			},
		},
		{
			Name: "rpc/second-factor-has-another-key", Breaks: []string{"RPC-29"},
			Why:    "Codes are made of the text of the secret, not of what it encodes.",
			Change: func(s *mutation.Server) { s.Accounts[len(s.Accounts)-1].TOTPSecret = strings.Repeat("A", 32) },
		},
		{
			Name: "rpc/code-obtains-nothing", Breaks: []string{"RPC-29"},
			Why: "A right code is answered as such, and the token is to be fetched by another login.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.Method == "AuthenticateBySecondFactor" && c.grants() {
						c.login().TokenValue = ""
					}
				})
			},
		},
		{
			Name: "rpc/any-code-will-do", Breaks: []string{"RPC-30"},
			Why:    "The check of the code was switched off for a test, and never on again.",
			Change: changesCodes(func(s *mutation.Server, _ string) string { return codeAt(s, 0) }),
		},
		{
			Name: "rpc/code-is-good-again", Breaks: []string{"RPC-30"},
			Why: "Nobody notes which codes were used.",
			Change: func(s *mutation.Server) {
				var mu sync.Mutex
				used := map[string]bool{}
				changesCodes(func(s *mutation.Server, code string) string {
					mu.Lock()
					defer mu.Unlock()
					if used[code] {
						return codeAt(s, 30*time.Second)
					}
					used[code] = code == codeAt(s, 0)
					return code
				})(s)
			},
		},
		{
			Name: "rpc/code-without-its-login", Breaks: []string{"RPC-30"},
			Why: "The login that waits is the last one that began, whatever id is sent.",
			Change: func(s *mutation.Server) {
				var last atomic.Value
				onCall(s, overBoth, func(c *call) {
					if id := c.login().GetAuthSecondFactorInfo().GetSessionId(); id != "" {
						last.Store(id)
					}
				})
				changesSent(func(_ *mutation.Server, sent *rpcpb.SecondFactorRequest) {
					if id, began := last.Load().(string); began {
						sent.SessionId = id
					}
				})(s)
			},
		},
		{
			Name: "rpc/wrong-code-has-no-name", Breaks: []string{"RPC-30"},
			Why: "All refusals of a code are general errors.",
			Change: answersCode(rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_WRONG_CODE, func(_ *ledger, c *call) {
				c.login().ErrorCode = rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_GENERAL_ERROR
			}),
		},
		{
			Name: "rpc/waits-for-ever", Breaks: []string{"RPC-30"},
			Why:    "The end of the wait is announced, and nobody looks at it.",
			Change: answersCode(rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_TIME_EXCEEDED, grantAnyway),
		},
		{
			Name: "rpc/limit-of-codes-has-no-name", Breaks: []string{"RPC-30"},
			Why: "A login over its limit answers as to any other wrong code.",
			Change: answersCode(rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_ATTEMPT_LIMIT_EXCEEDED, func(_ *ledger, c *call) {
				c.login().ErrorCode = rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_WRONG_CODE
			}),
		},
		{
			Name: "rpc/codes-unlimited", Breaks: []string{"RPC-30"},
			Why: "A million codes can be tried one after another.",
			Change: func(s *mutation.Server) {
				s.Throttle.PerAccount, s.Throttle.PerAddress = -1, -1
				s.Manifest.Dialects.RPC.Throttle = nil
				answersCode(rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_ATTEMPT_LIMIT_EXCEEDED, grantAnyway)(s)
			},
		},
	}
	for i := range mutants {
		change := mutants[i].Change
		mutants[i].Change = func(s *mutation.Server) {
			s.AddSecondFactor()
			change(s)
		}
	}
	return mutants
}

// codeAt is what the authenticator shows after a while.
func codeAt(s *mutation.Server, later time.Duration) string {
	code, err := totp.GenerateCode(reference.DemoTOTPSecret, s.Clock.Now().Add(later))
	if err != nil {
		panic(err) // the secret is a right one
	}
	return code
}

// changesCodes changes the codes that are sent, over both transports.
func changesCodes(change func(s *mutation.Server, code string) string) func(*mutation.Server) {
	return changesSent(func(s *mutation.Server, sent *rpcpb.SecondFactorRequest) {
		sent.VerificationCode = change(s, sent.GetVerificationCode())
	})
}

// changesSent changes what is sent beside a code, too, over both transports.
func changesSent(change func(s *mutation.Server, sent *rpcpb.SecondFactorRequest)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		s.OnRequest(Calls("AuthenticateBySecondFactor"), func(r *http.Request) {
			all := mutation.Sent(r)
			data, is := all["data"].(map[string]any)
			if !is {
				return
			}
			code, _ := data["verification_code"].(string)
			id, _ := data["session_id"].(string)
			sent := &rpcpb.SecondFactorRequest{SessionId: id, VerificationCode: code}
			change(s, sent)
			data["session_id"], data["verification_code"] = sent.GetSessionId(), sent.GetVerificationCode()
			if body, err := json.Marshal(all); err == nil {
				mutation.SetBody(r, body)
			}
		})
		s.Intercept(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			if sent, is := request.(*rpcpb.SecondFactorRequest); is {
				change(s, sent)
			}
			return next(ctx, request)
		})
	}
}

// answersCode changes answers to codes by what they say.
func answersCode(code rpcpb.AuthenticateResponseEx_EAuthenticateCode, change func(*ledger, *call)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		onCall(s, overBoth, func(c *call) {
			if c.Method == "AuthenticateBySecondFactor" && c.login().GetErrorCode() == code {
				change(l, c)
			}
		})
	}
}

// grantAnyway answers with a token.
func grantAnyway(l *ledger, c *call) {
	c.login().ErrorCode = rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_OK
	c.login().TokenName, c.login().TokenValue = "auth_token", l.freshToken()
}
