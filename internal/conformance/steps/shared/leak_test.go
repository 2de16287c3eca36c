package shared

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

func answerOf(status int, body string, header ...string) *exchange.Answer {
	a := &exchange.Answer{Status: status, Header: http.Header{}, Body: body}
	for i := 0; i+1 < len(header); i += 2 {
		a.Header.Add(header[i], header[i+1])
	}
	return a
}

const someJWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyb290In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"

func TestLeakIn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer *exchange.Answer
		found  bool
	}{
		"nothing":            {answerOf(401, ""), false},
		"an error":           {answerOf(401, `{"error":"invalid_token","token_type":"Bearer","token_name":"auth_token"}`), false},
		"empty members":      {answerOf(401, `{"token":"","access_token":null,"refreshToken":{}}`), false},
		"anti-forgery":       {answerOf(401, `{"csrf_token":"c0ffee"}`, "Set-Cookie", "XSRF-TOKEN=c0ffee"), false},
		"a session cookie":   {answerOf(401, "", "Set-Cookie", "sid=c0ffee; Path=/"), false},
		"a member":           {answerOf(401, `{"token":"c0ffee"}`), true},
		"a dashed member":    {answerOf(401, `{"a":[{"Refresh-Token":"c0ffee"}]}`), true},
		"a token value":      {answerOf(200, `{"token_value":"c0ffee","error_code":"X"}`), true},
		"a header":           {answerOf(401, "", "X-Auth-Bearer", "c0ffee"), true},
		"the first cookie":   {answerOf(401, "", "Set-Cookie", "token=c0ffee; Path=/", "Set-Cookie", "a=b"), true},
		"the second cookie":  {answerOf(401, "", "Set-Cookie", "a=b", "Set-Cookie", "token=c0ffee"), true},
		"a JWT in a text":    {answerOf(401, "you are "+someJWT+" now"), true},
		"a JWT in a header":  {answerOf(401, "", "Location", "/#"+someJWT), true},
		"a Rails envelope":   {answerOf(401, `{"data":"eyJfcmFpbHMiOnsiZGF0YSI6IjQxZmE5"}`), true},
		"three dotted words": {answerOf(401, "eyJvbmU-something.else-altogether.here"), false},
	} {
		if got := leakIn(tt.answer); (got != "") != tt.found {
			t.Errorf("%s: expected found = %v, got %q", name, tt.found, got)
		}
	}
}

// TestLeaksAreToldInOrder: of several leaks the same one is told each time, so that two
// runs against one subject give one report.
func TestLeaksAreToldInOrder(t *testing.T) {
	t.Parallel()
	members := answerOf(401, `{"token":"d","refresh_token":"c","id_token":"b","access_token":"a"}`)
	fields := answerOf(401, "", "X-Token", "d", "X-Refresh-Token", "c", "X-Id-Token", "b", "X-Access-Token", "a")
	for range 20 {
		if got := leakIn(members); !strings.Contains(got, `"access_token"`) {
			t.Errorf("of several members: %s", got)
		}
		if got := leakIn(fields); !strings.Contains(got, `"X-Access-Token"`) {
			t.Errorf("of several fields: %s", got)
		}
	}
}
