package rpc

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		one, other *exchange.Answer
		same       bool
	}{
		"the same error_code":     {answerOf(200, `{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`), answerOf(403, `{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`), true},
		"another error_code":      {answerOf(200, `{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`), answerOf(200, `{"error_code":"AUTHENTICATE_CODE_GENERAL_ERROR"}`), false},
		"a code and a status":     {answerOf(500, `{"grpcErrorCode":16}`), answerOf(401, `{"code":"x"}`, exchange.StatusHeader, "UNAUTHENTICATED"), true},
		"two names":               {answerOf(401, ``), answerOf(200, `{"error_code":"AUTHENTICATE_CODE_WRONG_CREDENTIALS"}`), true},
		"two names, turned":       {answerOf(200, `{"error_code":"AUTHENTICATE_CODE_IP_BLOCKED"}`), answerOf(429, ``), true},
		"another status":          {answerOf(403, ``), answerOf(401, ``, exchange.StatusHeader, "UNAUTHENTICATED"), false},
		"a success and a refusal": {answerOf(200, `{"error_code":"OK"}`), answerOf(401, ``), false},
		"two successes":           {answerOf(200, `{}`), answerOf(200, `{"error_code":0}`), false},
	} {
		r := &steps{overHTTP: tt.one, overGRPC: tt.other}
		if err := r.sameMistake(); (err == nil) != tt.same {
			t.Errorf("%s: expected same = %v, got %v", name, tt.same, err)
		}
	}
}
