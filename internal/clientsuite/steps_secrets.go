package clientsuite

import (
	"context"
	"fmt"
	"strings"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// misuses are what the mock itself looks for.
var misuses = map[string]mockserver.MisuseKind{
	"no token stands in a URL":                             mockserver.TokenInURL,
	"no refresh token is used twice":                       mockserver.TokenAfterRotation,
	"nothing comes sooner than the Retry-After allows":     mockserver.RetryAfterIgnored,
	"no refresh token is sent in place of an access token": mockserver.RefreshTokenToResource,
}

// secretSteps are the steps about where credentials and bodies went.
func secretSteps() []definition {
	steps := []definition{
		looking(`no credential has reached another origin`, (*world).noCredentialElsewhere),
		looking(`no body has reached another origin`, (*world).noBodyElsewhere),
		looking(`nothing has reached the server`, (*world).nothingSent),
		looking(`the password stands in no request but logins`, (*world).passwordInLoginsOnly),
		looking(`no token is used after the client has ended it`, (*world).noEndedToken),
		looking(`no call brings a token that the server has not issued`, (*world).noForeignToken),
		looking(`every body that has arrived is whole`, (*world).bodiesWhole),
		looking(`exactly one body has arrived`, (*world).oneBody),
		looking(`nothing that the client has printed holds a secret`, (*world).nothingPrinted),
	}
	for text, kind := range misuses {
		steps = append(steps, looking(text, func(w *world) error { return w.misused(kind) }))
	}
	return steps
}

// looking makes the definition of a step without arguments that looks at what came.
func looking(text string, look func(w *world) error) definition {
	return step(text, func(_ context.Context, w *world, _ []string) error { return look(w) })
}

func (w *world) noCredentialElsewhere() error {
	for _, r := range w.elsewhere() {
		if what := credentialIn(r); what != "" {
			return fmt.Errorf("expected no credential at another origin, got %s at %s: %v", what, r.Host, r)
		}
	}
	return nil
}

func (w *world) noBodyElsewhere() error {
	for _, r := range w.elsewhere() {
		if r.RequestBody != "" {
			return fmt.Errorf("expected no body at another origin, got one at %s: %v", r.Host, r)
		}
	}
	return nil
}

func (w *world) nothingSent() error {
	if requests := w.requests(); len(requests) > 0 {
		return fmt.Errorf("expected no request, got %v", requests[0])
	}
	return nil
}

func (w *world) passwordInLoginsOnly() error {
	for _, r := range w.mock.Requests() {
		if r.Operation != mockserver.Login && (isBasic(r) || strings.Contains(r.RequestBody+r.Query, "[password-")) {
			return fmt.Errorf("expected the password in logins only, got it in another request: %v", r)
		}
	}
	return nil
}

func (w *world) noEndedToken() error {
	ended := map[string]bool{}
	for _, r := range w.mock.Requests() {
		if r.Operation == mockserver.Resource && ended[r.Token] {
			return fmt.Errorf("expected no token that the client has ended, got one: %v", r)
		}
		if r.Operation == mockserver.Revoke && r.Token != "" && r.Succeeded() {
			ended[r.Token] = true
		}
	}
	return nil
}

func (w *world) noForeignToken() error {
	for _, r := range w.mock.Requests() {
		if r.Operation == mockserver.Resource && r.Session == "" && !isBasic(r) && credentialIn(r) != "" {
			return fmt.Errorf("expected a token of the server, or none, got another: %v", r)
		}
	}
	return nil
}

func (w *world) bodiesWhole() error {
	if how, _ := w.uploads.broken(); how != "" {
		return fmt.Errorf("expected that each body arrives whole, got one of %s", how)
	}
	return nil
}

func (w *world) oneBody() error {
	if _, came := w.uploads.broken(); came != 1 {
		return fmt.Errorf("expected exactly one body, got %d", came)
	}
	return nil
}

func (w *world) nothingPrinted() error {
	secrets := w.secrets()
	for _, c := range w.clients {
		printed := c.output()
		if hidden := secrets.Hide(printed); hidden != printed {
			return fmt.Errorf("expected no password and no token in what the client prints, got %q", around(hidden, printed))
		}
	}
	return nil
}

// misused fails where the mock has found a misuse of a kind.
func (w *world) misused(kind mockserver.MisuseKind) error {
	for _, m := range w.mock.Misuses() {
		if m.Kind == kind {
			return fmt.Errorf("expected no %s, got %v", strings.ReplaceAll(string(kind), "_", " "), m.Request)
		}
	}
	return nil
}

// elsewhere are the requests that named another host than the mock's, or reached the
// other origin.
func (w *world) elsewhere() []mockserver.Request {
	_, own, _ := strings.Cut(w.mock.URL, "://")
	var foreign []mockserver.Request
	for _, r := range w.requests() {
		if r.Host != own && r.Host != w.mock.GRPCAddr {
			foreign = append(foreign, r)
		}
	}
	return foreign
}

// isBasic says whether a request carries a password in its header.
func isBasic(r mockserver.Request) bool {
	scheme, _, _ := strings.Cut(r.RequestHeader.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Basic")
}

// credentialIn is what of a request is a credential, or "". The journal shows secrets
// by names.
func credentialIn(r mockserver.Request) string {
	for _, header := range []string{"Authorization", "X-Auth-Bearer", "Cookie"} {
		if r.RequestHeader.Get(header) != "" {
			return "the header " + header
		}
	}
	for _, kind := range []string{"[token-", "[password-"} {
		if strings.Contains(r.RequestBody+r.Query, kind) {
			return "a " + strings.Trim(kind, "[-")
		}
	}
	return ""
}

// around is the line of a text, its secrets hidden, in which the first of them stands.
func around(hidden, printed string) string {
	lines := strings.Split(printed, "\n")
	for i, line := range strings.Split(hidden, "\n") {
		if i >= len(lines) || line != lines[i] {
			return line
		}
	}
	return ""
}
