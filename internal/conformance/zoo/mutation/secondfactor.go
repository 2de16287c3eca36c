package mutation

import (
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// TOTPSecret is that of the account with a second factor.
const TOTPSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// AddSecondFactor adds an account that has one, as the last, and declares it.
func (s *Server) AddSecondFactor() {
	s.Accounts = append(s.Accounts, account.Account{
		Login: "guarded", Email: "guarded@example.com", Password: "guarded", TOTPSecret: TOTPSecret, Rights: account.Rights{account.Everything},
	})
	s.Manifest.Dialects.RPC.SecondFactor = &manifest.SecondFactor{Login: "guarded", Password: "guarded", Secret: TOTPSecret}
}
