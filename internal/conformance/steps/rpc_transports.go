package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"
)

// registerTransports binds the words that compare the two transports.
func (r *rpcWords) registerTransports(sc *godog.ScenarioContext) {
	r.step(sc, `^the full account logs in over HTTP and over gRPC$`, r.logInOverBoth)
	r.step(sc, `^a wrong password is sent over HTTP (beside right Basic|in Basic and in the data), and over gRPC$`, r.wrongPasswordOverBoth)
	r.step(sc, `^RenewSession is called over HTTP and over gRPC with (no token|a garbled token|a closed token)$`, r.renewOverBoth)
	r.step(sc, `^both answers have the same "([^"]*)"$`, r.sameMember)
	r.step(sc, `^both answers have a non-empty "([^"]*)"$`, r.bothHaveText)
	r.step(sc, `^both answers name the same mistake$`, r.sameMistake)
}

// overBoth does the same call over each transport.
func (r *rpcWords) overBoth(ctx context.Context, c rpcCall) (err error) {
	if r.overHTTP, err = r.call(ctx, viaHTTP, c); err != nil {
		return err
	}
	r.overGRPC, err = r.call(ctx, viaGRPC, c)
	return err
}

func (r *rpcWords) logInOverBoth(ctx context.Context) error {
	full := r.full()
	if err := r.overBoth(ctx, rpcCall{method: authenticateEx, data: loginData(full), basic: &full}); err != nil {
		return err
	}
	for _, answer := range []*Answer{r.overHTTP, r.overGRPC} {
		if _, err := r.tokenIn(answer); err != nil {
			return err
		}
	}
	return nil
}

func (r *rpcWords) wrongPasswordOverBoth(ctx context.Context, where string) error {
	full := r.full()
	wrong := credentials{full.login, madeUpPassword()}
	basic := wrong
	if where == "beside right Basic" {
		basic = full
	}
	return r.overBoth(ctx, rpcCall{method: authenticateEx, data: loginData(wrong), basic: &basic})
}

// renewOverBoth shows first that RenewSession is there on both.
func (r *rpcWords) renewOverBoth(ctx context.Context, noun string) error {
	for _, transport := range []string{viaHTTP, viaGRPC} {
		var err error
		if r.token, err = r.buy(ctx, transport); err != nil {
			return err
		}
		answer, err := r.call(ctx, transport, rpcCall{method: renewSession, token: r.token})
		if err != nil {
			return err
		}
		if refusal(answer) {
			return fmt.Errorf("expected RenewSession over %s to be accepted with a live token, got %s", transport, answer.brief())
		}
	}
	c := rpcCall{method: renewSession}
	switch noun {
	case "a garbled token":
		c.token = &rpcToken{name: r.token.name, value: r.forged(garbleToken(r.token.value))}
	case "a closed token":
		c.token = r.token
		if _, err := r.call(ctx, viaGRPC, rpcCall{method: authService + "CloseSession", token: r.token}); err != nil {
			return err
		}
	}
	return r.overBoth(ctx, c)
}

func (r *rpcWords) both() ([2]*Answer, error) {
	if r.overHTTP == nil || r.overGRPC == nil {
		return [2]*Answer{}, errors.New("nothing was sent over both transports before this step")
	}
	return [2]*Answer{r.overHTTP, r.overGRPC}, nil
}

// sameMember compares a member; the order of a list does not count.
func (r *rpcWords) sameMember(name string) error {
	answers, err := r.both()
	if err != nil {
		return err
	}
	var shown [2]string
	for i, answer := range answers {
		value, found, err := answer.member(name)
		if err != nil {
			return err
		}
		if shown[i] = "nothing"; found {
			shown[i] = inOneForm(value)
		}
	}
	if shown[0] != shown[1] {
		return fmt.Errorf("expected the same %q over both transports, got %s over HTTP and %s over gRPC", name, shown[0], shown[1])
	}
	return nil
}

// inOneForm writes a JSON value so that equal ones are equal texts.
func inOneForm(value any) string {
	if texts, ok := textsIn(value); ok {
		slices.Sort(texts)
		value = texts
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

func (r *rpcWords) bothHaveText(name string) error {
	answers, err := r.both()
	if err != nil {
		return err
	}
	for _, answer := range answers {
		if _, err := answer.text(name); err != nil {
			return err
		}
	}
	return nil
}

func (r *rpcWords) sameMistake() error {
	answers, err := r.both()
	if err != nil {
		return err
	}
	one, other := mistakeIn(answers[0]), mistakeIn(answers[1])
	switch {
	case one == "" || other == "":
		return fmt.Errorf("expected both transports to refuse, got %s over HTTP and %s over gRPC", answers[0].brief(), answers[1].brief())
	case one != other && !sameMeaning(one, other):
		return fmt.Errorf("expected both transports to name the same mistake, got %s over HTTP (%s) and %s over gRPC (%s)",
			one, answers[0].brief(), other, answers[1].brief())
	}
	return nil
}

// mistakeIn is the code by which an answer refuses: its error_code, else the
// gRPC code that it names, else what its HTTP status stands for. It is "" for
// a success.
func mistakeIn(a *Answer) string {
	if !refusal(a) {
		return ""
	}
	if code, given := errorCode(a); given && !isOK(code) {
		return strings.TrimPrefix(code, "AUTHENTICATE_CODE_")
	}
	if name := a.Header.Get(grpcStatusHeader); name != "" {
		return name
	}
	if number, err := a.wholeNumber("grpcErrorCode"); err == nil {
		return codeNamed(number)
	}
	switch a.Status {
	case 401:
		return "UNAUTHENTICATED"
	case 403:
		return "PERMISSION_DENIED"
	case 429:
		return "RESOURCE_EXHAUSTED"
	}
	return fmt.Sprintf("HTTP %d", a.Status)
}

// sameMeaning says whether a gRPC code and an error_code are two words for one
// mistake: a web server that checks Basic itself refuses with a status what the
// service refuses with an error_code.
func sameMeaning(one, other string) bool {
	says := map[string][]string{
		"UNAUTHENTICATED":    {"WRONG_CREDENTIALS", "PASSWORD_INVALID"},
		"PERMISSION_DENIED":  {"USER_LOCKED", "IP_BLOCKED"},
		"RESOURCE_EXHAUSTED": {"USER_LOCKED", "IP_BLOCKED"},
	}
	return slices.Contains(says[one], other) || slices.Contains(says[other], one)
}
