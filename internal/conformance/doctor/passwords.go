package doctor

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// passwords notes declared passwords that reports cannot hide as well as others.
// Those of the built-in reference are known to everybody.
func (e *examination) passwords(dialects []string) {
	if e.subject.Manifest.Subject.Builtin {
		return
	}
	for _, dialect := range dialects {
		for _, declared := range passwordsOf(e.subject.Manifest, dialect) {
			if declared.password != "" && len(declared.password) < evidence.Shortest {
				e.find(report.Note, "dialects."+dialect+"."+declared.key, "give a test account a password of its own that is longer",
					fmt.Sprintf("it has fewer than %d characters, so that reports hide it only where it stands alone", evidence.Shortest))
			}
		}
	}
}

type declaredPassword struct{ key, password string }

func passwordsOf(m *manifest.Manifest, dialect string) []declaredPassword {
	accounts := func(a manifest.LoginAccounts) []declaredPassword {
		all := []declaredPassword{{"accounts.full.password", a.Full.Password}}
		if a.Limited != nil {
			all = append(all, declaredPassword{"accounts.limited.password", a.Limited.Password})
		}
		return all
	}
	switch d := m.Dialects; {
	case dialect == "session" && d.Session != nil:
		all := []declaredPassword{{"accounts.full.password", d.Session.Accounts.Full.Password}}
		if limited := d.Session.Accounts.Limited; limited != nil {
			all = append(all, declaredPassword{"accounts.limited.password", limited.Password})
		}
		return all
	case dialect == "form" && d.Form != nil:
		return accounts(d.Form.Accounts)
	case dialect == "rpc" && d.RPC != nil:
		all := accounts(d.RPC.Accounts)
		if f := d.RPC.SecondFactor; f != nil {
			all = append(all, declaredPassword{"second_factor.password", f.Password})
		}
		if s := d.RPC.Supervised; s != nil {
			all = append(all, declaredPassword{"supervised.password", s.Password})
			if s.Supervisor != nil {
				all = append(all, declaredPassword{"supervised.supervisor.password", s.Supervisor.Password})
			}
		}
		return all
	case dialect == "scoped" && d.Scoped != nil:
		return accounts(d.Scoped.Accounts)
	}
	return nil
}
