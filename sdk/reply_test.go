package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestStatusesBecomeErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status    int
		cause     error
		temporary bool
		unknown   bool
	}{
		{200, nil, false, false},
		{201, nil, false, false},
		{204, nil, false, false},
		{301, sdk.ErrRedirected, false, false},
		{304, sdk.ErrRedirected, false, false},
		{400, sdk.ErrRefused, false, false},
		{401, sdk.ErrRefused, false, false},
		{403, sdk.ErrForbidden, false, false},
		{404, sdk.ErrNotFound, false, false},
		{405, sdk.ErrProtocol, false, false},
		{406, sdk.ErrProtocol, false, false},
		{408, sdk.ErrUnavailable, true, true},
		{410, sdk.ErrRefused, false, false},
		{415, sdk.ErrProtocol, false, false},
		{421, sdk.ErrProtocol, false, false},
		{422, sdk.ErrRefused, false, false},
		{425, sdk.ErrUnavailable, true, false},
		{426, sdk.ErrProtocol, false, false},
		{429, sdk.ErrUnavailable, true, false},
		{500, sdk.ErrUnavailable, true, true},
		{501, sdk.ErrRefused, false, false},
		{502, sdk.ErrUnavailable, true, true},
		{503, sdk.ErrUnavailable, true, false},
		{504, sdk.ErrUnavailable, true, true},
		{505, sdk.ErrProtocol, false, false},
	} {
		reply, err := exchange(t, answering(c.status, nil, "SOME_CODE"), sdk.Call{Op: "try", Path: "/x"})
		if reply == nil || reply.Status != c.status {
			t.Errorf("%d: reply %v", c.status, reply)
		}
		if c.cause == nil {
			if err != nil {
				t.Errorf("%d: %v", c.status, err)
			}
			continue
		}
		var e *sdk.Error
		if !errors.As(err, &e) || !errors.Is(err, c.cause) || e.Temporary != c.temporary || e.OutcomeUnknown != c.unknown ||
			e.Status != c.status || e.Op != "try" || e.Dialect != "scripted" || e.Code != "SOME_CODE" {
			t.Errorf("%d: %#v: temporary %t, unknown %t", c.status, err, e.Temporary, e.OutcomeUnknown)
		}
	}
}

func TestCodesThatMayQuoteAreDropped(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"A_B-1.c": "A_B-1.c", "two words": "", "é": "", strings.Repeat("x", 65): "", "a\nb": "", "": ""} {
		_, err := exchange(t, answering(http.StatusBadRequest, nil, code), sdk.Call{Op: "try", Path: "/x"})
		var e *sdk.Error
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestAnswersHaveALimitAndATime(t *testing.T) {
	t.Parallel()
	big := answering(http.StatusOK, nil, strings.Repeat("x", 1<<20+1))
	if _, err := exchange(t, big, sdk.Call{Op: "try", Path: "/x"}); !errors.Is(err, sdk.ErrProtocol) {
		t.Errorf("1 MiB and a byte: %v", err)
	}
	if reply, err := exchange(t, answering(http.StatusOK, nil, strings.Repeat("x", 1<<20)), sdk.Call{Op: "try", Path: "/x"}); err != nil || len(reply.Body()) != 1<<20 {
		t.Errorf("1 MiB: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		_, err := exchange(t, slow, sdk.Call{Op: "try", Path: "/x"}, sdk.WithExchangeTimeout(7*time.Second))
		var e *sdk.Error
		if !errors.As(err, &e) || !e.Temporary || !e.OutcomeUnknown || errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 7*time.Second {
			t.Errorf("a server that does not answer: %v after %v", err, time.Since(start))
		}
	})
}

func TestTimesOfAReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := time.Now().UTC() // on a whole second
		for _, c := range []struct {
			name     string
			ahead    time.Duration // of the server's clock
			travel   time.Duration // there; back is instantaneous
			want     time.Duration // correction
			hasADate bool
		}{
			{"no date", time.Hour, 0, 0, false},
			{"the same clock", 0, 0, 0, true},
			{"the same clock, a slow way", 0, 3 * time.Second, 0, true},
			{"within the second", 900 * time.Millisecond, 0, 0, true},
			{"an hour ahead", time.Hour, 0, -time.Hour - time.Second, true},
			{"an hour behind", -time.Hour, 0, time.Hour - time.Second, true},
			{"an hour ahead, a slow way", time.Hour, 3 * time.Second, -time.Hour - 4*time.Second, true},
		} {
			start := time.Now()
			handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				pass(c.travel)
				if c.hasADate {
					w.Header().Set("Date", time.Now().Add(c.ahead).UTC().Format(http.TimeFormat))
				}
			})
			reply, err := exchange(t, handler, sdk.Call{Path: "/x"})
			if err != nil {
				t.Fatal(err)
			}
			if !reply.Sent.Equal(start) || !reply.Received.Equal(start.Add(c.travel)) || !reply.ExpiresIn(time.Minute).Equal(start.Add(time.Minute)) {
				t.Errorf("%s: sent %v, received %v", c.name, reply.Sent.Sub(start), reply.Received.Sub(start))
			}
			end := sent.Add(24 * time.Hour)
			if got := reply.ExpiresAt(end).Sub(end); got != c.want {
				t.Errorf("%s: corrected by %v, want %v", c.name, got, c.want)
			}
			pass(time.Second - c.travel%time.Second)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add(200, "Sat, 21 Nov 2026 19:00:00 GMT", "3", []byte(`{"token_type":"Bearer","expires_in":600,"access_token":"a","refresh_token":"r"}`))
	f.Add(200, "", "", []byte(`{"expires_in":-1,"access_token":"a"}`))
	f.Add(200, "x", "", []byte(`{"token":"t","validTo":"2026-11-21 19:00:00","user":{"login":"me"}}`))
	f.Add(200, "", "", []byte(`{"token_value":"t","expires_at":"20261121T190000","expires_in":"7","error_code":"AUTHENTICATE_CODE_OK","token_name":"n"}`))
	f.Add(200, "", "", []byte(`{"_id":"x","issuedAt":1722182434022,"expiresAt":1729958434022,"user":{"name":"me"},"token":"t"}`))
	f.Add(429, "", "Sat, 21 Nov 2026 19:00:00 GMT", []byte(`{"error_code":"AUTHENTICATE_CODE_USER_LOCKED"}`))
	f.Fuzz(func(t *testing.T, status int, date, retryAfter string, body []byte) {
		if status < 200 || status > 999 {
			return
		}
		for _, d := range allDialects() {
			handler := answering(status, http.Header{"Date": {date}, "Retry-After": {retryAfter}}, string(body))
			client := newClient(t, d.new(), sdk.WithHTTPTransport(memhttp.Transport(handler)), sdk.WithLoginTimeout(time.Millisecond), sdk.WithoutBackgroundRenewal())
			token, err := client.Token(t.Context())
			if errors.Is(err, sdk.ErrPanic) {
				t.Errorf("%s: %v", d.name, err)
			}
			if (err == nil) == token.IsZero() {
				t.Errorf("%s: %v, %v", d.name, token, err)
			}
			if !token.Expires.IsZero() && !token.Expires.After(token.Issued) {
				t.Errorf("%s: it ends %v before it begins", d.name, token.Issued.Sub(token.Expires))
			}
		}
	})
}
