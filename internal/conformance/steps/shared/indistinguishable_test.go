package shared

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

func TestIndistinguishable(t *testing.T) {
	t.Parallel()
	try := func(kind, login string, bodies ...string) attempts {
		return attempts{kind: kind, login: login, answers: [2]*exchange.Answer{answerOf(401, bodies[0]), answerOf(401, bodies[1])}}
	}
	for name, tt := range map[string]struct {
		wrong, unknown attempts
		same           bool
	}{
		"equal":          {try("w", "anna", "no", "no"), try("u", "bert", "no", "no"), true},
		"other words":    {try("w", "anna", "wrong password", "wrong password"), try("u", "bert", "no such user", "no such user"), false},
		"one more word":  {try("w", "anna", "no", "no"), try("u", "bert", "no one", "no one"), false},
		"the login":      {try("w", "anna", "no, Anna", "no, Anna"), try("u", "bert", "no, bert", "no, bert"), true},
		"request ids":    {try("w", "anna", `{"id":1,"e":"no"}`, `{"id":2,"e":"no"}`), try("u", "bert", `{"id":3,"e":"no"}`, `{"id":4,"e":"no"}`), true},
		"member order":   {try("w", "anna", `{"a":1,"e":"no"}`, `{"e":"no","a":1}`), try("u", "bert", ` {"e":"no","a":1}`, `{"e":"no","a":1}`), true},
		"another member": {try("w", "anna", `{"e":"no"}`, `{"e":"no"}`), try("u", "bert", `{"e":"no","x":null}`, `{"e":"no","x":null}`), false},
		"counted down":   {try("w", "anna", `{"left":4}`, `{"left":3}`), try("u", "bert", `{"left":null}`, `{"left":null}`), true},
		"another type":   {try("w", "anna", `{"e":"1"}`, `{"e":"1"}`), try("u", "bert", `{"e":1}`, `{"e":1}`), false},
		"empty and not":  {try("w", "anna", "", ""), try("u", "bert", "{}", "{}"), false},
	} {
		if err := (&Refusals{tt.wrong, tt.unknown}).indistinguishable(); (err == nil) != tt.same {
			t.Errorf("%s: expected same = %v, got %v", name, tt.same, err)
		}
	}
	wrong, unknown := try("w", "anna", "no", "no"), try("u", "bert", "no", "no")
	unknown.answers[1].Status = 404
	if (&Refusals{wrong, unknown}).indistinguishable() == nil {
		t.Error("expected another status to be seen")
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add(`{"token":"x","a":[{"b":null}]}`, "text/plain; charset=x", "anna")
	f.Add("İ anna", "", "ANNA")
	f.Fuzz(func(t *testing.T, body, header, login string) {
		a := answerOf(401, body, "Set-Cookie", header)
		_ = leakIn(a)
		same := attempts{kind: "one", login: login, answers: [2]*exchange.Answer{a, a}}
		if err := (&Refusals{same, same}).indistinguishable(); err != nil {
			t.Errorf("expected an answer to look like itself, got %v", err)
		}
	})
}
