package mutation

import (
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// AddSecondFactor declares the account that has one. Others need not: its rows take
// time.
func (s *Server) AddSecondFactor() {
	s.Manifest.Dialects.RPC.SecondFactor = &manifest.SecondFactor{Login: "guarded", Password: "guarded", Secret: reference.DemoTOTPSecret}
}

// AddSupervisor adds an account whose logins root approves, and declares it.
func (s *Server) AddSupervisor() {
	s.Accounts = append(s.Accounts, account.Account{Login: "trainee", Password: "trainee-password", Supervisor: "root"})
	s.Manifest.Dialects.RPC.Supervised = &manifest.Supervised{Login: "trainee", Password: "trainee-password"}
	s.Manifest.Dialects.RPC.Accounts.Limited = &manifest.LoginAccount{Login: "clerk", Password: "clerk"}
}
