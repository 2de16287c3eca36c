package conformance

import (
	"github.com/dragoman-auth/dragoman/conformance/evidence"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// secretsOf are the secrets that a manifest holds. Steps add the tokens that
// they see.
func secretsOf(m *manifest.Manifest) *evidence.Secrets {
	secrets := &evidence.Secrets{}
	login := func(user, password string) {
		secrets.Add("password", password)
		secrets.AddBasic(user, password)
	}
	accounts := func(a manifest.LoginAccounts) {
		login(a.Full.Login, a.Full.Password)
		if a.Limited != nil {
			login(a.Limited.Login, a.Limited.Password)
		}
	}
	if s := m.Dialects.Session; s != nil {
		login(s.Accounts.Full.Email, s.Accounts.Full.Password)
		if limited := s.Accounts.Limited; limited != nil {
			login(limited.Email, limited.Password)
		}
		if s.APIKey != nil {
			secrets.Add("key", s.APIKey.Key)
		}
	}
	if f := m.Dialects.Form; f != nil {
		accounts(f.Accounts)
	}
	if r := m.Dialects.RPC; r != nil {
		accounts(r.Accounts)
	}
	if s := m.Dialects.Scoped; s != nil {
		accounts(s.Accounts)
	}
	if m.Clock != nil {
		for _, value := range m.Clock.Headers {
			secrets.Add("header", value)
		}
	}
	return secrets
}
