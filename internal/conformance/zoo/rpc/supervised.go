package rpc

import (
	"sync"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// supervised are mistakes in logins that a supervisor approves.
func supervised() []mutation.Mutant {
	mutants := []mutation.Mutant{
		{
			Name: "rpc/supervisor-is-not-asked", Breaks: []string{"RPC-29"},
			Why:    "Who supervises whom is known to the desktop client alone.",
			Change: func(s *mutation.Server) { s.Accounts[len(s.Accounts)-1].Supervisor = "" },
		},
		{
			Name: "rpc/supervisor-is-an-authenticator", Breaks: []string{"RPC-29"},
			Why: "There is one kind of second factor in the table of kinds.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if info := c.login().GetAuthSecondFactorInfo(); info != nil {
						info.Type = rpcpb.SecondFactorInfo_GOOGLE_AUTHENTICATOR
					}
				})
			},
		},
		{
			Name: "rpc/approval-without-code", Breaks: []string{"RPC-29"},
			Why: "The code goes to the supervisor by mail.",
			Change: onApproval(func(_ *ledger, c *call, m *rpcpb.ApproveResponse) {
				if m != nil {
					m.VerificationCode = ""
				}
			}),
		},
		{
			Name: "rpc/approval-says-error", Breaks: []string{"RPC-29"},
			Why: "The result is set before the login is looked up, and never again.",
			Change: onApproval(func(_ *ledger, c *call, m *rpcpb.ApproveResponse) {
				if m.GetErrorCode() == rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK && m != nil {
					m.ErrorCode = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_GENERAL_ERROR
				}
			}),
		},
		{
			Name: "rpc/approved-code-obtains-nothing", Breaks: []string{"RPC-29"},
			Why: "The approved login is to begin again.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if c.Method == "AuthenticateBySecondFactor" && c.grants() {
						c.login().TokenValue = ""
					}
				})
			},
		},
		{
			Name: "rpc/approval-is-not-needed", Breaks: []string{"RPC-30"},
			Why:    "Where there is no secret of an authenticator, there is nothing to compare a code with.",
			Change: answersCode(rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_WRONG_CODE, grantAnyway),
		},
		{
			Name: "rpc/anybody-approves", Breaks: []string{"RPC-30"},
			Why: "Whoever is logged in may approve: the client shows the button to supervisors alone.",
			Change: onApproval(func(_ *ledger, c *call, m *rpcpb.ApproveResponse) {
				if m.GetErrorCode() == rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_WRONG_SUPERVISOR {
					m.ErrorCode, m.VerificationCode = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK, "314159"
				}
			}),
		},
		{
			Name: "rpc/refused-approval-shows-code", Breaks: []string{"RPC-30"},
			Why: "The code is drawn before it is known who asks.",
			Change: onApproval(func(_ *ledger, c *call, m *rpcpb.ApproveResponse) {
				if m.GetErrorCode() != rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK {
					m.VerificationCode = "314159"
				}
			}),
		},
		{
			Name: "rpc/approval-is-anonymous", Breaks: []string{"RPC-30"},
			Why: "The link in the supervisor's mail carries no token.",
			Change: onApproval(func(_ *ledger, c *call, m *rpcpb.ApproveResponse) {
				if c.Err != nil && c.Token == "" {
					c.Err, c.Message = nil, &rpcpb.ApproveResponse{VerificationCode: "314159"}
				}
			}),
		},
		{
			Name: "rpc/decline-is-forgotten", Breaks: []string{"RPC-30"},
			Why: "To decline closes the window of the supervisor, and does nothing to the login.",
			Change: onApproval(func(_ *ledger, c *call, m *rpcpb.ApproveResponse) {
				if code := m.GetErrorCode(); code == rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_WRONG_SESSION || code == rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_TIME_EXCEEDED {
					m.ErrorCode, m.VerificationCode = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK, "314159"
				}
			}),
		},
		{
			Name: "rpc/decline-says-error", Breaks: []string{"RPC-30"},
			Why: "A login that is declined has failed, and so has the call.",
			Change: func(s *mutation.Server) {
				onCall(s, overBoth, func(c *call) {
					if m, is := c.Message.(*rpcpb.DeclineResponse); is {
						m.ErrorCode = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_GENERAL_ERROR
					}
				})
			},
		},
	}
	for i := range mutants {
		change := mutants[i].Change
		mutants[i].Change = func(s *mutation.Server) {
			s.AddSupervisor()
			change(s)
		}
	}
	return mutants
}

// onApproval changes what ApproveAuthentication answers; the message is nil where there is
// none.
func onApproval(change func(*ledger, *call, *rpcpb.ApproveResponse)) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		var mu sync.Mutex
		onCall(s, overBoth, func(c *call) {
			if c.Method == "ApproveAuthentication" {
				mu.Lock()
				defer mu.Unlock()
				m, _ := c.Message.(*rpcpb.ApproveResponse)
				change(l, c, m)
			}
		})
	}
}
