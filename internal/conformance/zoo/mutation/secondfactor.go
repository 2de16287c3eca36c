package mutation

import (
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/reference"
)

// AddSecondFactor declares the account that has one. Others need not: its rows take
// time.
func (s *Server) AddSecondFactor() {
	s.Manifest.Dialects.RPC.SecondFactor = &manifest.SecondFactor{Login: "guarded", Password: "guarded", Secret: reference.DemoTOTPSecret}
}
