package rpc

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
)

func answerOf(status int, body string, header ...string) *exchange.Answer {
	a := &exchange.Answer{Status: status, Header: http.Header{}, Body: body}
	for i := 0; i+1 < len(header); i += 2 {
		a.Header.Add(header[i], header[i+1])
	}
	return a
}

func jwtOf(header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + ".c2lnbmF0dXJlLXRoYXQtaXMtbG9uZy1lbm91Z2g"
}

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
		end, err := expiresAt(&exchange.Answer{Status: 200, Header: http.Header{}, Body: fmt.Sprintf(`{"expires_at":%q}`, text)})
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
		w := &shared.World{Client: &exchange.Client{Subject: &exchange.Subject{}}}
		w.Last = answerOf(200, "{"+tt.members+"}")
		w.Last.Before, w.Last.After = now, now
		r := &steps{World: w, declared: &manifest.RPC{TokenLife: tt.declared}}
		if err := r.expiresAtAgrees(); (err == nil) != tt.right {
			t.Errorf("%s: expected right = %v, got %v", name, tt.right, err)
		}
	}
}
