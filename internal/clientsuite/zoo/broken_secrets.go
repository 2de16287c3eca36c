package zoo

import (
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// leaking send or print what is secret.
func leaking() []Broken {
	return []Broken{
		{
			Name: "token-follows-redirects", Why: "headers are set on each request, redirected ones too",
			Breaks: []string{"CLI-40", "CLI-41", "CLI-43", "CLI-45"},
			habits: habits{follow: true},
		},
		{
			Name: "host-is-origin", Why: "origins are compared by the name of the host",
			Breaks: []string{"CLI-41", "CLI-45"},
			habits: habits{followHost: true},
		},
		{
			Name: "standard-redirects", Why: "redirects are left to net/http",
			Breaks: []string{"CLI-40", "CLI-41", "CLI-43", "CLI-45"},
			habits: habits{followStandard: true},
		},
		{
			Name: "password-follows-redirects", Why: "a login is sent like any other request",
			Breaks: []string{"CLI-42"},
			habits: habits{followLogin: true},
		},
		{
			Name: "login-by-standard-redirects", Why: "redirects of a login are left to net/http",
			Breaks: []string{"CLI-42"},
			habits: habits{loginStandard: true},
		},
		{
			Name: "body-follows-redirects", Why: "only headers are thought of",
			Breaks: []string{"CLI-43"},
			habits: habits{followBody: true},
		},
		{
			Name: "follows-no-redirect", Why: "redirects are switched off",
			Breaks: []string{"CLI-44"},
			habits: habits{followNone: true},
		},
		{
			Name: "redirects-without-token", Why: "the token is dropped at each redirect",
			Breaks: []string{"CLI-44"},
			habits: habits{followBare: true},
		},
		{
			Name: "trusts-every-certificate", Why: "it was easier in the test environment",
			Breaks: []string{"CLI-46"},
			habits: habits{anyCertificate: true},
		},
		{
			Name: "trusts-at-the-second-try", Why: "an error of the certificate is logged and passed over",
			Breaks: []string{"CLI-46"},
			habits: habits{secondTrust: true},
		},
		{
			Name: "token-in-query", Why: "the token is sent in every way there is",
			Breaks: []string{"CLI-47"},
			habits: habits{tokenInQuery: true},
		},
		{
			Name: "token-in-query-again", Why: "a call that was rejected is made again in another way",
			Breaks: []string{"CLI-47"},
			habits: habits{queryAgain: true},
		},
		{
			Name: "basic-after-401", Why: "the HTTP library has the password and answers a challenge",
			Breaks: []string{"CLI-30", "CLI-48"}, In: map[string][]string{"CLI-30": {wire.RPC}},
			habits: habits{basicFirst: true},
		},
		{
			Name: "basic-before-login", Why: "Basic is tried first",
			Breaks: []string{"CLI-48"},
			habits: habits{basicProbe: true},
		},
		{
			Name: "basic-with-each-call", Why: "the HTTP library has the password and sends it always", Dialects: onlyForm,
			Breaks: []string{"CLI-48"},
			habits: habits{basicToo: true},
		},
		{
			Name: "prints-tokens", Why: "a line for debugging was left",
			Breaks: []string{"CLI-49", "CLI-50"},
			habits: habits{printToken: true},
		},
		{
			Name: "prints-refused-password", Why: "the error says what was refused",
			Breaks: []string{"CLI-49"},
			habits: habits{printPassword: true},
		},
		{
			Name: "prints-token-of-failed-call", Why: "the error shows the request",
			Breaks: []string{"CLI-49"},
			habits: habits{printHeaders: true},
		},
		{
			Name: "verbose-headers", Why: "tracing shows all headers",
			Breaks: []string{"CLI-50"},
			habits: habits{printAll: true},
		},
		{
			Name: "verbose-login", Why: "tracing shows all bodies",
			Breaks: []string{"CLI-50"},
			habits: habits{printLogin: true},
		},
	}
}
