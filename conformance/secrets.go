package conformance

import (
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// secretsOf are the secrets that a manifest holds, each with the key that it
// stands under. Steps add the tokens that they see.
func secretsOf(m *manifest.Manifest) *evidence.Secrets {
	secrets := &evidence.Secrets{}
	login := func(key, user, password string) {
		secrets.AddLogin(user)
		secrets.AddFrom(key+".password", "password", password)
		secrets.AddBasic(user, password)
	}
	accounts := func(dialect string, a manifest.LoginAccounts) {
		key := "dialects." + dialect + ".accounts."
		login(key+"full", a.Full.Login, a.Full.Password)
		if a.Limited != nil {
			login(key+"limited", a.Limited.Login, a.Limited.Password)
		}
	}
	if s := m.Dialects.Session; s != nil {
		const key = "dialects.session."
		login(key+"accounts.full", s.Accounts.Full.Email, s.Accounts.Full.Password)
		if limited := s.Accounts.Limited; limited != nil {
			login(key+"accounts.limited", limited.Email, limited.Password)
		}
		if s.APIKey != nil {
			secrets.AddFrom(key+"api_key.key", "key", s.APIKey.Key)
		}
	}
	if f := m.Dialects.Form; f != nil {
		accounts("form", f.Accounts)
	}
	if r := m.Dialects.RPC; r != nil {
		accounts("rpc", r.Accounts)
		if f := r.SecondFactor; f != nil {
			login("dialects.rpc.second_factor", f.Login, f.Password)
			secrets.AddFrom("dialects.rpc.second_factor.secret", "secret", f.Secret)
		}
		if s := r.Supervised; s != nil {
			login("dialects.rpc.supervised", s.Login, s.Password)
			if s.Supervisor != nil {
				login("dialects.rpc.supervised.supervisor", s.Supervisor.Login, s.Supervisor.Password)
			}
		}
	}
	if s := m.Dialects.Scoped; s != nil {
		accounts("scoped", s.Accounts)
	}
	if m.Clock != nil {
		for _, name := range slices.Sorted(maps.Keys(m.Clock.Headers)) {
			secrets.AddFrom("clock.headers."+name, "header", m.Clock.Headers[name])
		}
	}
	environment(m.Subject.Env, secrets)
	references := m.References()
	for _, name := range slices.Sorted(maps.Keys(references)) {
		secrets.AddFrom("the variable "+name, "variable", references[name])
	}
	return secrets
}

// shortestVariable is the length from which a variable's value is hidden:
// shorter ones are numbers and words.
const shortestVariable = 6

// environment adds what the subject is told in variables that are named like
// secrets: it may print them.
func environment(env map[string]string, secrets *evidence.Secrets) {
	words := []string{"PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if value := env[name]; len(value) >= shortestVariable && slices.ContainsFunc(words, func(word string) bool { return strings.Contains(strings.ToUpper(name), word) }) {
			secrets.AddFrom("subject.env."+name, "variable", value)
		}
	}
}
