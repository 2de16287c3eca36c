package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

func sessionManifest() *manifest.Manifest {
	return &manifest.Manifest{
		Clock: &manifest.Clock{},
		Dialects: manifest.Dialects{Session: &manifest.Session{
			Login: "/sessions", Refresh: "/tokens", Protected: "/users",
			Accounts: manifest.MailAccounts{
				Full:    manifest.MailAccount{Email: "anna@example.com", Password: officePasswords["anna@example.com"]},
				Limited: &manifest.MailAccount{Email: "bruno@example.com", Password: officePasswords["bruno@example.com"]},
			},
			SessionsAPI: &manifest.SessionsAPI{
				List: "/sessions", Item: "/sessions/{id}", ID: "id", IP: "ip_address", Device: "user_agent", User: "user",
				End: manifest.Endpoint{Method: "DELETE", Path: "/sessions/{id}"},
			},
			APIKey:     &manifest.APIKey{Key: officeKey, Allowed: "/users", Denied: "/items"},
			Locales:    []manifest.Locale{{Name: "de", Login: "/sitzungen", Protected: "/benutzer"}},
			Inflection: true,
			Throttle:   &manifest.Throttle{Attempts: 10, Wait: 30 * time.Second},
		}},
	}
}

func TestSessionRight(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	j := stepstest.JudgeOverTCP(t, "session", stepstest.All, newSessionOffice(clock, ""), clock, sessionManifest())
	stepstest.ExpectRed(t, j, "")
	if rows := len(j.Ran); rows != 36 {
		t.Errorf("expected 36 rows to be judged, got %d: %v", rows, j.Ran)
	}
}

// TestSessionRightButDifferent: what nobody has said is not judged.
func TestSessionRightButDifferent(t *testing.T) {
	t.Parallel()
	for _, variant := range stepstest.Sample(
		"right: JWTs", "right: tokens in the manner of Rails", "right: labelled tokens",
		"right: refusals without a body", "right: refusals as pages",
		"right: sessions bound to devices", "right: one access token per session",
		"right: a throttle that only waits", "right: a throttle that is soon full",
		"right: ends a second early", "right: ends a second late",
	) {
		t.Run(variant, func(t *testing.T) {
			t.Parallel()
			clock := &stepstest.Clock{}
			stepstest.ExpectRed(t, stepstest.Judge(t, "session", stepstest.All, newSessionOffice(clock, variant), clock, sessionManifest()), "")
		})
	}
}

func TestSessionEndsAtTheLoginPath(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	declared := sessionManifest()
	declared.Dialects.Session.SessionsAPI.End = manifest.Endpoint{Method: "DELETE", Path: "/sessions"}
	stepstest.ExpectRed(t, stepstest.Judge(t, "session", stepstest.All, newSessionOffice(clock, "right: ends sessions at the login path"), clock, declared), "")
}

// TestSessionOverPoorTransport: the office closes connections without saying
// so, and answers in pieces.
func TestSessionOverPoorTransport(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	office := newSessionOffice(clock, "")
	poor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		office.ServeHTTP(answer, r)
		connection, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		fmt.Fprintf(buffered, "HTTP/1.0 %d x\r\n", answer.Code)
		_ = answer.Header().Write(buffered)
		fmt.Fprint(buffered, "\r\n")
		for _, b := range answer.Body.Bytes() {
			_ = buffered.WriteByte(b)
			_ = buffered.Flush()
		}
		_ = buffered.Flush()
	})
	stepstest.ExpectRed(t, stepstest.JudgeOverTCP(t, "session", stepstest.But("SEC-01"), poor, clock, sessionManifest()), "")
}

func TestSessionTakesOneLoginAtATime(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	j := stepstest.Judge(t, "session", stepstest.Only("SEC-05"), newSessionOffice(clock, "takes one login at a time"), clock, sessionManifest())
	stepstest.ExpectRed(t, j, "SEC-05")
}

// TestSessionShowsNoSecret: neither a token nor a password, nor half a token,
// stands in what a report may show, whatever the office does with them.
func TestSessionShowsNoSecret(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"", "right: JWTs", "puts a token into refusals", "puts a token into a cookie", "sends the password back", "accepts refresh tokens at the collection"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			clock := &stepstest.Clock{}
			office := newSessionOffice(clock, fault)
			j := stepstest.Judge(t, "session", stepstest.But("SEC-01 SEC-06"), office, clock, sessionManifest())
			shown := j.Shown(t)
			if len(shown) < 10_000 {
				t.Fatalf("expected evidence, got %s", shown)
			}
			var secrets []string
			for token := range office.access {
				secrets = append(secrets, token)
			}
			for token := range office.refresh {
				secrets = append(secrets, token)
			}
			for _, secret := range append(secrets, office.leaked...) {
				half := secret[len(secret)*2/3:] // behind what a garbling changes first
				if strings.Contains(shown, secret) || strings.Contains(shown, half) {
					t.Errorf("expected no secret to be shown, got %q in ...%.600s", secret, shown[max(0, strings.Index(shown, half)-500):])
					return
				}
			}
			if password := officePasswords["anna@example.com"]; strings.Contains(shown, password) {
				t.Errorf("expected the password not to be shown, got it in ...%.600s", shown[max(0, strings.Index(shown, password)-500):])
			}
		})
	}
}

func TestSessionFaults(t *testing.T) {
	t.Parallel()
	for _, f := range stepstest.Sample([]fault{
		{"says another token type", "SES-01"},
		{"writes expires_in as a text", "SES-01 SES-02"},
		{"promises an hour", "SES-02"},
		{"gives no refresh token at the refresh", "SES-08 SES-13 SES-14"},
		{"wants a JSON content type", "SES-03"},
		{"answers a page", "SES-04 SES-22"},
		{"needs no token", "SEC-09 SES-05 SES-06 SES-22"},
		{"compares the front of tokens", "SES-05 SES-06"},
		{"answers missing tokens with 403", "SES-06"},
		{"sends no challenge", "SES-06"},
		{"shows everything to everybody", "SES-07"},
		{"answers missing rights with 401", "SES-07"},
		{"answers the old access token", "SES-08 SES-09 SES-13 SES-14 SES-16"},
		{"forgets refreshed access tokens", "SES-08 SES-09 SES-13 SES-14 SES-16"},
		{"lets tokens live an hour", "SES-09"},
		{"lets tokens live nine minutes", "SES-09"},
		{"takes any password", "SEC-03 SEC-10 SES-10 SES-11"},
		{"lets refreshed tokens live an hour", "SES-09"},
		{"lets tokens live on while they are used", "SES-09"},
		{"accepts the token null", "SES-05"},
		{"takes an empty password", "SES-10"},
		{"reads the front of a password", "SES-10"},
		{"ignores letter case", "SES-10"},
		{"ends two seconds late", "SES-09"},
		{"ends three seconds early", "SES-09"},
		{"shows the zero address", "SES-18"},
		{"sends the password back", "SEC-04"},
		{"puts a token into refusals", "SES-10"},
		{"puts a token into a cookie", "SES-10"},
		{"answers wrong passwords with 403", "SES-11"},
		{"answers wrong passwords with 200", "SES-10 SES-11"},
		{"answers unknown accounts with 404", "SES-12"},
		{"names unknown accounts", "SES-12"},
		{"refreshes for ever", "SES-13 SES-14"},
		{"lets the successor live after a replay", "SES-14"},
		{"refreshes with access tokens", "SES-15"},
		{"accepts refresh tokens at the collection", "SES-15"},
		{"wants a live bearer at the refresh", "SES-16"},
		{"takes garbled refresh tokens", "SES-15 SES-17"},
		{"ends the session at a garbled refresh", "SES-17"},
		{"shows no address", "SES-18"},
		{"shows a name for an address", "SES-18"},
		{"shows another device", "SES-18 SES-19 SES-20 SES-26"},
		{"shows another user", "SES-18"},
		{"shows no user", "SES-18"},
		{"changes sessions behind a refusal", "SES-19"},
		{"says it changed a session", "SES-19"},
		{"lets access tokens outlive their session", "SES-14 SES-20"},
		{"lets refresh tokens outlive their session", "SES-14 SES-20"},
		{"grants keys access to everything", "SES-21"},
		{"accepts any key", "SES-21"},
		{"knows no key", "SES-21"},
		{"lacks a language", "SES-22"},
		{"needs no token in one language", "SES-22"},
		{"knows no inflection", "SES-23"},
		{"knows camel case only", "SES-23"},
		{"lets replies be stored", "SES-24"},
		{"breaks at malformed logins", "SES-25"},
		{"breaks at malformed refreshes", "SES-25"},
		{"takes an array for a text", "SES-25"},
		{"ends all sessions at once", "SES-20 SES-26"},
		{"ends other sessions at the refresh", "SES-26"},
		{"counts its tokens", "SEC-01"},
		{"makes short tokens", "SEC-01"},
		{"begins all tokens with the same text", "SEC-01"},
		{"reads tokens from the query", "SEC-02"},
		{"throttles nobody", "SEC-03 SEC-10"},
		{"throttles known accounts only", "SEC-03"},
		{"does not say how long to wait", "SEC-03 SEC-10"},
		{"never forgives", "SEC-03 SEC-10"},
		{"repeats the password", "SEC-04"},
		{"repeats what it cannot read", "SEC-04"},
		{"ends sessions at refreshes that meet", "SEC-05"},
		{"takes any header", "SEC-06"},
		{"takes any body", "SEC-06"},
		{"takes PUT at the login", "SEC-07"},
		{"takes DELETE at the login", "SEC-07"},
		{"breaks at PATCH of the login", "SEC-07"},
	}...) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			clock := &stepstest.Clock{}
			j := stepstest.Judge(t, "session", stepstest.HeavyBut(f.rows), newSessionOffice(clock, f.name), clock, sessionManifest())
			stepstest.ExpectRed(t, j, f.rows)
		})
	}
}

// fault is a way of breaking requirements: the rows that it turns red, separated
// by blanks, which no other row may join.
type fault struct{ name, rows string }
