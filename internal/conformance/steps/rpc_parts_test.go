package steps

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

func bodyOf(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

func TestExpiresAt(t *testing.T) {
	t.Parallel()
	for text, expected := range map[string]string{
		"20201112T144147":        "2020-11-12T14:41:47Z",
		"20201112T144147.9":      "2020-11-12T14:41:47.9Z",
		"20201112T144147.123456": "2020-11-12T14:41:47.123456Z",
		"20201112T144147Z":       "",
		"20201112T144147+0100":   "",
		"2020-11-12T14:41:47":    "",
		"20201312T144147":        "",
		"20201112 144147":        "",
		"20201112T1441":          "",
		"":                       "",
	} {
		end, err := expiresAt(answerOf(200, fmt.Sprintf(`{"expires_at":%q}`, text)))
		if got := end.Format(time.RFC3339Nano); err == nil && got != expected || err != nil && expected != "" {
			t.Errorf("%q: expected %q, got %q, %v", text, expected, got, err)
		}
	}
}

func FuzzExpiresAt(f *testing.F) {
	f.Add("20201112T144147.123")
	f.Add("20200230T000000")
	f.Fuzz(func(t *testing.T, text string) {
		end, err := expiresAt(&Answer{Status: 200, Header: http.Header{}, Body: fmt.Sprintf(`{"expires_at":%q}`, text)})
		if err == nil && !strings.HasPrefix(text, end.Format("20060102T150405")) {
			t.Errorf("%q was read as %v", text, end)
		}
	})
}

func TestExpiresAtAgrees(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	exp := func(d time.Duration) string {
		return jwtOf(`{"alg":"RS256"}`, fmt.Sprintf(`{"exp":%d}`, now.Add(d).Unix()))
	}
	for name, tt := range map[string]struct {
		declared time.Duration
		members  string
		right    bool
	}{
		"declared":                {time.Hour, `"expires_at":"20260304T060607"`, true},
		"declared, a minute off":  {time.Hour, `"expires_at":"20260304T060708"`, false},
		"declared, another zone":  {time.Hour, `"expires_at":"20260304T080607"`, false},
		"expires_in, a number":    {0, `"expires_at":"20260304T060607","expires_in":3600`, true},
		"expires_in, a text":      {0, `"expires_at":"20260304T060607","expires_in":"3600"`, true},
		"expires_in, other zone":  {0, `"expires_at":"20260304T070607","expires_in":"3600"`, false},
		"declared is stronger":    {time.Hour, `"expires_at":"20260304T060607","expires_in":"60"`, true},
		"exp":                     {0, `"expires_at":"20260304T060607","token_value":"` + exp(time.Hour) + `"`, true},
		"exp, another zone":       {0, `"expires_at":"20260304T060607","token_value":"` + exp(-time.Hour) + `"`, false},
		"exp of another century":  {0, `"expires_at":"20260304T060607","token_value":"` + exp(1000000*time.Hour) + `"`, true},
		"nothing to compare with": {0, `"expires_at":"20260304T060607","expires_in":0,"token_value":"opaque"`, true},
	} {
		w := worldOf(nil)
		w.last = answerOf(200, "{"+tt.members+"}")
		w.last.Before, w.last.After = now, now
		r := &rpcWords{World: w, config: &manifest.RPC{TokenLife: tt.declared}}
		if err := r.expiresAtAgrees(); (err == nil) != tt.right {
			t.Errorf("%s: expected right = %v, got %v", name, tt.right, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		one, other *Answer
		same       bool
	}{
		"the same error_code":     {answerOf(200, `{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`), answerOf(403, `{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`), true},
		"another error_code":      {answerOf(200, `{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`), answerOf(200, `{"error_code":"AUTHENTICATE_CODE_GENERAL_ERROR"}`), false},
		"a code and a status":     {answerOf(500, `{"grpcErrorCode":16}`), answerOf(401, `{"code":"x"}`, grpcStatusHeader, "UNAUTHENTICATED"), true},
		"two words":               {answerOf(401, ``), answerOf(200, `{"error_code":"AUTHENTICATE_CODE_WRONG_CREDENTIALS"}`), true},
		"two words, turned":       {answerOf(200, `{"error_code":"AUTHENTICATE_CODE_IP_BLOCKED"}`), answerOf(429, ``), true},
		"another status":          {answerOf(403, ``), answerOf(401, ``, grpcStatusHeader, "UNAUTHENTICATED"), false},
		"a success and a refusal": {answerOf(200, `{"error_code":"OK"}`), answerOf(401, ``), false},
		"two successes":           {answerOf(200, `{}`), answerOf(200, `{"error_code":0}`), false},
	} {
		r := &rpcWords{World: worldOf(nil), overHTTP: tt.one, overGRPC: tt.other}
		if err := r.sameMistake(); (err == nil) != tt.same {
			t.Errorf("%s: expected same = %v, got %v", name, tt.same, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for body, refused := range map[string]bool{
		``: false, `{}`: false, `{"error_code":null}`: false, `{"error_code":0}`: false, `{"error_code":"OK"}`: false,
		`{"error_code":"AUTHENTICATE_CODE_OK"}`: false, `{"error_code":2}`: true, `{"error_code":""}`: true,
		`{"error_code":"AUTHENTICATE_CODE_GENERAL_ERROR"}`: true,
	} {
		if got := refusal(answerOf(200, body)); got != refused {
			t.Errorf("%s: expected refused = %v, got %v", body, refused, got)
		}
		if !refusal(answerOf(302, body)) {
			t.Errorf("302 %s: expected a refusal", body)
		}
	}
}

func TestCodeNames(t *testing.T) {
	t.Parallel()
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		name, status := codeNames(code)
		plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
		if want := strings.ToLower(code.String()); plain != want && code != codes.Canceled { // the standard writes CANCELLED
			t.Errorf("code %d: expected %s in capitals, got %s", code, want, name)
		}
		if success := status == 200; success != (code == codes.OK) {
			t.Errorf("%s: got the status %d", name, status)
		}
	}
	if name, status := codeNames(99); name != "CODE_99" || status != 500 {
		t.Errorf("an unknown code: got %s, %d", name, status)
	}
}
