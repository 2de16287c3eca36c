package steps

import (
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"strings"

	"github.com/cucumber/godog"
)

// registerAnswer binds the words about the last HTTP answer.
func (w *World) registerAnswer(sc *godog.ScenarioContext) {
	w.step(sc, `^it is accepted$`, w.itIsAccepted)
	w.step(sc, `^it is refused$`, w.itIsRefused)
	w.step(sc, `^it is refused with (\d+)$`, w.itIsRefusedWith)
	w.step(sc, `^it is refused with (\d+) or (\d+)$`, w.itIsRefusedWithEither)
	w.step(sc, `^it is refused with a 4xx$`, w.itIsRefusedWith4xx)
	w.step(sc, `^there is a member "([^"]*)"$`, w.thereIsAMember)
	w.step(sc, `^each is accepted$`, w.each(w.itIsAccepted))
	w.step(sc, `^each is refused$`, w.each(w.itIsRefused))
	w.step(sc, `^each is refused with (\d+)$`, w.eachIsRefusedWith)
	w.step(sc, `^each is refused with (\d+) or (\d+)$`, w.eachIsRefusedWithEither)
	w.step(sc, `^each answer has a "([^"]*)" header$`, w.eachAnswerHasHeader)
	w.step(sc, `^no token is in the answer$`, w.noTokenIsInTheAnswer)
	w.step(sc, `^the status is (\d+)$`, w.theStatusIs)
	w.step(sc, `^the body is empty$`, w.theBodyIsEmpty)
	w.step(sc, `^the answer is JSON$`, w.theAnswerIsJSON)
	w.step(sc, `^"([^"]*)" is "([^"]*)"$`, w.memberIsText)
	w.step(sc, `^"([^"]*)" is a non-empty string$`, w.memberIsNonEmptyText)
	w.step(sc, `^"([^"]*)" is a whole number$`, w.memberIsWholeNumber)
	w.step(sc, `^the answer has a "([^"]*)" header$`, w.theAnswerHasHeader)
	w.step(sc, `^the "([^"]*)" header says "([^"]*)"$`, w.theHeaderSays)
}

// answer is the last answer, or an error in a scenario that has none yet.
func (w *World) answer() (*Answer, error) {
	if w.last == nil {
		return nil, fmt.Errorf("no request was sent before this step")
	}
	return w.last, nil
}

func (w *World) itIsAccepted() error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if !a.success() {
		return fmt.Errorf("expected a 2xx, got %s", a.brief())
	}
	return nil
}

// itIsRefused is what "stays shut" means: an answer came, and it is no
// success. Which refusal it is, is for other rows.
func (w *World) itIsRefused() error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if a.success() {
		return fmt.Errorf("expected a refusal (no 2xx), got %s", a.brief())
	}
	return nil
}

// each makes of a check of the last answer one of several answers.
func (w *World) each(check func() error) func() error {
	return func() error {
		if len(w.several) == 0 {
			return fmt.Errorf("no requests were sent before this step")
		}
		for _, w.last = range w.several {
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	}
}

func (w *World) eachIsRefusedWith(status int) error {
	return w.each(func() error { return w.theStatusIs(status) })()
}

func (w *World) eachIsRefusedWithEither(one, other int) error {
	return w.each(func() error { return w.itIsRefusedWithEither(one, other) })()
}

func (w *World) eachAnswerHasHeader(name string) error {
	return w.each(func() error { return w.theAnswerHasHeader(name) })()
}

func (w *World) itIsRefusedWith(status int) error { return w.theStatusIs(status) }

func (w *World) itIsRefusedWithEither(one, other int) error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if a.Status != one && a.Status != other {
		return fmt.Errorf("expected %d or %d, got %s", one, other, a.brief())
	}
	return nil
}

func (w *World) itIsRefusedWith4xx() error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if a.Status < 400 || a.Status > 499 {
		return fmt.Errorf("expected a 4xx, got %s", a.brief())
	}
	return nil
}

func (w *World) theStatusIs(status int) error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if a.Status != status {
		return fmt.Errorf("expected %d, got %s", status, a.brief())
	}
	return nil
}

// theBodyIsEmpty asks for no body, and for none announced: net/http never reads
// the body of a 204, so that there the announcement is all to be seen.
func (w *World) theBodyIsEmpty() error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if length := a.Header.Get("Content-Length"); length != "" && length != "0" {
		return fmt.Errorf("expected an empty body, got one of %s bytes beside %d", length, a.Status)
	}
	if a.Body != "" {
		return fmt.Errorf("expected an empty body, got %s", a.brief())
	}
	return nil
}

// theAnswerIsJSON asks for a JSON body and a JSON content type
// (application/json, or any +json).
func (w *World) theAnswerIsJSON() error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	if _, err := a.json(); err != nil {
		return err
	}
	contentType := a.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return fmt.Errorf("expected a JSON Content-Type, got %q", contentType)
	}
	return nil
}

func (w *World) memberIsText(path, expected string) error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	value, found, err := a.member(path)
	if err != nil {
		return err
	}
	if text, ok := value.(string); !found || !ok || text != expected {
		return fmt.Errorf("expected member %q to be %q, got %s", path, expected, a.brief())
	}
	return nil
}

func (w *World) memberIsNonEmptyText(path string) error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	_, err = a.text(path)
	return err
}

// thereIsAMember takes any value but null.
func (w *World) thereIsAMember(path string) error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	value, _, err := a.member(path)
	if err != nil {
		return err
	}
	if value == nil {
		return fmt.Errorf("expected a member %q, got %s", path, a.brief())
	}
	return nil
}

func (w *World) memberIsWholeNumber(path string) error {
	a, err := w.answer()
	if err != nil {
		return err
	}
	_, err = a.wholeNumber(path)
	return err
}

// wholeNumber reads a member that has to be a JSON number without a fraction.
// 600.0 and 6e2 are whole: JSON has one kind of number.
func (a *Answer) wholeNumber(path string) (int64, error) {
	value, found, err := a.member(path)
	if err != nil {
		return 0, err
	}
	number, ok := value.(json.Number)
	if found && ok {
		if n, err := number.Int64(); err == nil {
			return n, nil
		}
		// Above 2^53 a float64 no longer holds every whole number.
		if f, err := number.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int64(f), nil
		}
	}
	return 0, fmt.Errorf("expected a whole number in member %q, got %s", path, a.brief())
}

func (w *World) theAnswerHasHeader(name string) error {
	a, err := w.answer()
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
	a, err := w.answer()
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
	return fmt.Errorf("expected the %s header to say %q, got %q", name, word, a.Header.Values(name))
}
