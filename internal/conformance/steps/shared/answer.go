package shared

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// registerAnswer binds the steps about the last HTTP answer.
func (w *World) registerAnswer() {
	w.Step(`^it is accepted$`, w.ItIsAccepted)
	w.Step(`^it is refused$`, w.itIsRefused)
	w.Step(`^it is refused with (\d+)$`, w.itIsRefusedWith)
	w.Step(`^it is refused with (\d+) or (\d+)$`, w.itIsRefusedWithEither)
	w.Step(`^it is refused with a 4xx$`, w.ItIsRefusedWith4xx)
	w.Step(`^there is a member "([^"]*)"$`, w.thereIsAMember)
	w.Step(`^each is accepted$`, w.Each(w.ItIsAccepted))
	w.Step(`^each is refused$`, w.Each(w.itIsRefused))
	w.Step(`^each is refused with (\d+)$`, w.eachIsRefusedWith)
	w.Step(`^each is refused with (\d+) or (\d+)$`, w.eachIsRefusedWithEither)
	w.Step(`^each answer has a "([^"]*)" header$`, w.eachAnswerHasHeader)
	w.Step(`^no token is in the answer$`, w.NoTokenIsInTheAnswer)
	w.Step(`^the status is (\d+)$`, w.theStatusIs)
	w.Step(`^the body is empty$`, w.theBodyIsEmpty)
	w.Step(`^the answer is JSON$`, w.TheAnswerIsJSON)
	w.Step(`^"([^"]*)" is "([^"]*)"$`, w.MemberIsText)
	w.Step(`^"([^"]*)" is a non-empty string$`, w.MemberIsNonEmptyText)
	w.Step(`^"([^"]*)" is a whole number$`, w.MemberIsWholeNumber)
	w.Step(`^the answer has a "([^"]*)" header$`, w.theAnswerHasHeader)
	w.Step(`^the "([^"]*)" header says "([^"]*)"$`, w.theHeaderSays)
}

// ItIsAccepted wants a 2xx.
func (w *World) ItIsAccepted() error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if !a.Accepted() {
		return fmt.Errorf("expected a 2xx, got %s", a.Brief())
	}
	return nil
}

// itIsRefused is what "access is denied" means: an answer came, and it is no
// success. Which refusal it is, is for other rows.
func (w *World) itIsRefused() error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if a.Accepted() {
		return fmt.Errorf("expected a refusal (no 2xx), got %s", a.Brief())
	}
	return nil
}

// Each makes of a check of the last answer one of several answers.
func (w *World) Each(check func() error) func() error {
	return func() error {
		if len(w.Several) == 0 {
			return fmt.Errorf("no requests were sent before this step")
		}
		for _, w.Last = range w.Several {
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	}
}

func (w *World) eachIsRefusedWith(status int) error {
	return w.Each(func() error { return w.theStatusIs(status) })()
}

func (w *World) eachIsRefusedWithEither(one, other int) error {
	return w.Each(func() error { return w.itIsRefusedWithEither(one, other) })()
}

func (w *World) eachAnswerHasHeader(name string) error {
	return w.Each(func() error { return w.theAnswerHasHeader(name) })()
}

func (w *World) itIsRefusedWith(status int) error { return w.theStatusIs(status) }

func (w *World) itIsRefusedWithEither(one, other int) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if a.Status != one && a.Status != other {
		return fmt.Errorf("expected %d or %d, got %s", one, other, a.Brief())
	}
	return nil
}

// ItIsRefusedWith4xx wants a 4xx. A throttle that earlier wrong passwords have tripped says
// nothing about the request.
func (w *World) ItIsRefusedWith4xx() error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if a.Status == http.StatusTooManyRequests {
		return &exchange.LockedOutError{Answer: a.Outcome()}
	}
	if a.Status < 400 || a.Status > 499 {
		return fmt.Errorf("expected a 4xx, got %s", a.Brief())
	}
	return nil
}

func (w *World) theStatusIs(status int) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if a.Status != status {
		return fmt.Errorf("expected %d, got %s", status, a.Brief())
	}
	return nil
}

// theBodyIsEmpty asks for no body, and for none announced: net/http never reads
// the body of a 204, so that there the announcement is all to be seen.
func (w *World) theBodyIsEmpty() error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if length := a.Header.Get("Content-Length"); length != "" && length != "0" {
		return fmt.Errorf("expected an empty body, got one of %s bytes beside %d", length, a.Status)
	}
	if a.Body != "" {
		return fmt.Errorf("expected an empty body, got %s", a.Brief())
	}
	return nil
}

// TheAnswerIsJSON asks for a JSON body and a JSON content type
// (application/json, or any +json).
func (w *World) TheAnswerIsJSON() error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if _, err := a.JSON(); err != nil {
		return err
	}
	contentType := a.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return fmt.Errorf("expected a JSON Content-Type, got %s", exchange.Shown(contentType))
	}
	return nil
}

// MemberIsText wants a member with this text.
func (w *World) MemberIsText(path, expected string) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	value, found, err := a.Member(path)
	if err != nil {
		return err
	}
	if text, ok := value.(string); !found || !ok || text != expected {
		return fmt.Errorf("expected member %q to be %q, got %s", path, expected, a.Brief())
	}
	return nil
}

// MemberIsNonEmptyText wants a member with any text but "".
func (w *World) MemberIsNonEmptyText(path string) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	_, err = a.Text(path)
	return err
}

// thereIsAMember takes any value but null.
func (w *World) thereIsAMember(path string) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	value, _, err := a.Member(path)
	if err != nil {
		return err
	}
	if value == nil {
		return fmt.Errorf("expected a member %q, got %s", path, a.Brief())
	}
	return nil
}

// MemberIsWholeNumber wants a member with a number without a fraction.
func (w *World) MemberIsWholeNumber(path string) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	_, err = a.WholeNumber(path)
	return err
}

func (w *World) theAnswerHasHeader(name string) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if a.Header.Get(name) == "" {
		return fmt.Errorf("expected a %s header, got none beside %d", name, a.Status)
	}
	return nil
}

// theHeaderSays looks for a word among the comma-separated ones of a header,
// in any letter case.
func (w *World) theHeaderSays(name, word string) error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	for _, value := range a.Header.Values(name) {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), word) {
				return nil
			}
		}
	}
	return fmt.Errorf("expected the %s header to say %q, got %s", name, word, exchange.Shown(strings.Join(a.Header.Values(name), ", ")))
}
