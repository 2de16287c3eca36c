package fakeoffice_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
)

// TestAnAnswerIsOfOneInstant asks an office whose clock never shows the same
// time twice: each answer reads it once, so the ends that it tells fit its date.
func TestAnAnswerIsOfOneInstant(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	reads := 0
	office := fakeoffice.New()
	office.Now = func() time.Time {
		reads++
		return start.Add(time.Duration(reads) * time.Second)
	}
	const rpc = `{"method":"axxonsoft.bl.auth.AuthenticationService.%s","data":{"user_name":"` + fakeoffice.User + `","password":"` + fakeoffice.Password + `"}}`
	token := ""
	for _, step := range []struct {
		method, path, body string
		life               time.Duration // told by the answer; 0: none
	}{
		{"POST", "/sessions", `{"session":{"email":"` + fakeoffice.User + `","password":"` + fakeoffice.Password + `"}}`, 0},
		{"GET", "/users", "", 0},
		{"POST", "/login", "login=" + fakeoffice.User + "&pass=" + fakeoffice.Password, 24 * time.Hour},
		{"PUT", "/login", `{"token":"%s","longtoken":true}`, 30 * 24 * time.Hour},
		{"POST", "/grpc", fmt.Sprintf(rpc, "AuthenticateEx"), office.Life},
		{"POST", "/grpc", fmt.Sprintf(rpc, "RenewSession"), office.Life},
		{"POST", "/api/v1/auth/token", `{"username":"` + fakeoffice.User + `","password":"` + fakeoffice.Password + `"}`, 24 * time.Hour},
		{"GET", "/api/v1/tokens", "", 0},
	} {
		before := reads
		request, err := http.NewRequestWithContext(t.Context(), step.method, "https://office.example"+step.path, strings.NewReader(strings.Replace(step.body, "%s", token, 1)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		if strings.Contains(step.body, "AuthenticateEx") {
			request.SetBasicAuth(fakeoffice.User, fakeoffice.Password)
		}
		response, err := memhttp.Transport(office).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %s %s, %v", step.method, step.path, response.Status, body, err)
		}
		if reads != before+1 {
			t.Errorf("%s %s reads the clock %d times, want once", step.method, step.path, reads-before)
		}
		if latest := tokenIn(body); latest != "" {
			token = latest
		}
		if step.life == 0 {
			continue
		}
		date, err := http.ParseTime(response.Header.Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		issued, ends := timesIn(t, body, date)
		if !issued.Equal(date) || ends.Sub(date) != step.life {
			t.Errorf("%s %s is dated %v, issued %v and ends %v; want one instant and a life of %v", step.method, step.path, date, issued, ends, step.life)
		}
	}
}

func tokenIn(body []byte) string {
	var answer map[string]any
	_ = json.Unmarshal(body, &answer) // the answers to resources are no JSON object
	for _, member := range []string{"access_token", "token_value", "token"} {
		if token, ok := answer[member].(string); ok {
			return token
		}
	}
	return ""
}

// timesIn reads when a token was issued, where the answer tells it and else its
// date, and when it ends.
func timesIn(t *testing.T, body []byte, date time.Time) (issued, ends time.Time) {
	t.Helper()
	var answer struct {
		ValidTo   time.Time
		ExpiresAt any
		Compact   string `json:"expires_at"`
		IssuedAt  int64
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	issued = date
	if answer.IssuedAt != 0 {
		issued = time.UnixMilli(answer.IssuedAt).UTC()
	}
	switch millis, ok := answer.ExpiresAt.(float64); {
	case ok:
		ends = time.UnixMilli(int64(millis)).UTC()
	case answer.Compact != "":
		var err error
		if ends, err = time.Parse("20060102T150405", answer.Compact); err != nil {
			t.Fatal(err)
		}
	default:
		ends = answer.ValidTo
	}
	return issued, ends
}
