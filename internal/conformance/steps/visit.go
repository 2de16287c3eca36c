package steps

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// Visitor speaks a dialect outside of any scenario: it looks whether a subject
// is ready to be judged, and judges nothing. Its owner calls Close. One call at
// a time.
type Visitor struct {
	world   *World
	speaker speaker
	rpc     *rpcWords // nil but in the rpc dialect
}

// NewVisitor speaks a dialect that the subject's manifest declares.
func NewVisitor(dialect string, subject *Subject) (*Visitor, error) {
	w := &World{dialect: dialect, subject: subject, log: &evidence.Log{}}
	v := &Visitor{world: w}
	if !subject.Manifest.Speaks(dialect) {
		return nil, fmt.Errorf("visit: the manifest does not declare the dialect %q", dialect)
	}
	switch d := subject.Manifest.Dialects; dialect {
	case "session":
		v.speaker = sessionSpeaker{w, d.Session}
	case "form":
		v.speaker = formSpeaker{w, d.Form}
	case "scoped":
		v.speaker = &scopedSpeaker{&scopedWords{World: w, config: d.Scoped}}
	default:
		r := &rpcWords{World: w, config: d.RPC}
		r.direct = sync.OnceValues(func() (*grpcClient, error) { return newGRPCClient(subject, d.RPC.GRPC) })
		v.rpc, v.speaker = r, &rpcSpeaker{r}
	}
	w.speaker = v.speaker
	return v, nil
}

// Close ends what the visit has opened.
func (v *Visitor) Close() error {
	if v.rpc == nil {
		return nil
	}
	return v.rpc.hangUp()
}

// LogIn tries a login, and waits for a throttle that earlier logins may have
// tripped. The token is "" where it was refused; the error says that there was
// no answer.
func (v *Visitor) LogIn(ctx context.Context, login, password string) (a *Answer, token string, err error) {
	var bought *grant
	a, err = v.world.patiently(ctx, func() (answer *Answer, err error) {
		answer, bought, err = v.speaker.login(ctx, credentials{login, password})
		return answer, err
	})
	if bought != nil {
		token = bought.access
	}
	return a, token, err
}

// LogInAt tries the session dialect's login at another path, or with one more
// header where name is not "".
func (v *Visitor) LogInAt(ctx context.Context, path, name, value string) (*Answer, error) {
	r := v.speaker.loginRequest(v.speaker.full())
	if path != "" {
		r.Path = path
	}
	if name != "" {
		r = r.with(name, value)
	}
	return v.world.exchange(ctx, r)
}

// CallLogin tries a login method of the rpc dialect, by its short name, over
// "HTTP" or "gRPC".
func (v *Visitor) CallLogin(ctx context.Context, transport, method string) (a *Answer, granted bool, err error) {
	full := v.rpc.full()
	a, err = v.rpc.exchangeCall(ctx, transport, rpcCall{method: authService + method, data: loginData(full), basic: &full})
	if err != nil {
		return nil, false, err
	}
	_, refused := v.rpc.tokenIn(a)
	return a, refused == nil, nil
}

// Open asks for the protected resource with a token.
func (v *Visitor) Open(ctx context.Context, token string) (*Answer, error) {
	return v.speaker.open(ctx, token)
}

// Get asks for a path with a token, unless it is "", and with one more header
// where name is not "".
func (v *Visitor) Get(ctx context.Context, path, token, name, value string) (*Answer, error) {
	r := request(http.MethodGet, path)
	if token != "" {
		r = v.speaker.authorize(r, token)
	}
	if name != "" {
		r = r.with(name, value)
	}
	return v.world.exchange(ctx, r)
}

// Date asks the subject over HTTP what time it is. The error says that it does
// not answer, or with no Date.
func (s *Subject) Date(ctx context.Context) (time.Time, error) {
	w := &World{subject: s, log: &evidence.Log{}}
	a, err := w.exchange(ctx, request(http.MethodGet, cmp.Or(s.Manifest.Subject.Ready.Path, "/")))
	if err != nil {
		return time.Time{}, err
	}
	return http.ParseTime(a.Header.Get("Date"))
}

// WrongCredentials says whether an answer refuses a login with the rpc
// dialect's code for an unknown name or a wrong password.
func (a *Answer) WrongCredentials() bool {
	code, _ := errorCode(a)
	return strings.HasSuffix(code, "WRONG_CREDENTIALS") || strings.HasSuffix(code, "PASSWORD_INVALID")
}

// Accepted says whether an answer is 2xx, and over gRPC whether its status is
// OK.
func (a *Answer) Accepted() bool { return a.success() }

// Outcome is an answer's status in words, and the error_code of the rpc dialect
// where there is one.
func (a *Answer) Outcome() string {
	outcome := fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	if name := a.Header.Get(grpcStatusHeader); name != "" {
		outcome = name
	}
	if code, given := errorCode(a); given && !isOK(code) {
		outcome += " with error_code " + code
	}
	return outcome
}

// Has says whether an answer is a JSON object with a member of this name.
func (a *Answer) Has(member string) bool {
	_, found, err := a.member(member)
	return err == nil && found
}
