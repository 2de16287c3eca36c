package sdk_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
)

// numbers are the members of the login's answers that are numbers: the answer
// with N in its place, the value that is the same life in all of them, and the
// life where the number says nothing.
func numbers() []struct {
	dialect, member, answer string
	value                   func(now time.Time) int64
	without                 time.Duration // 0: the end is not known
} {
	const life = 450
	seconds := func(time.Time) int64 { return life }
	return []struct {
		dialect, member, answer string
		value                   func(now time.Time) int64
		without                 time.Duration
	}{
		{"session", "expires_in", `{"access_token":"a","refresh_token":"r","expires_in":N}`, seconds, 600 * time.Second},
		{"form", "validTo", `{"token":"t","validTo":N,"user":"me"}`, func(now time.Time) int64 { return now.Unix() + life }, 24 * time.Hour},
		{"rpc", "expires_in", `{"token_value":"t","expires_in":N}`, seconds, 0},
		{"rpc", "exp of the token", `{"token_value":"e30.EXP.c2ln"}`, func(now time.Time) int64 { return now.Unix() + life }, 0},
		{"scoped", "expiresAt", `{"_id":"1","token":"t","expiresAt":N}`, func(now time.Time) int64 { return now.UnixMilli() + life*1000 }, 0},
		{"scoped", "issuedAt", `{"_id":"1","token":"t","issuedAt":N,"expiresAt":946684800000}`, func(time.Time) int64 { return 946684800000 - life*1000 }, 0},
	}
}

// TestNumbersHoweverTheyAreWritten reads every number of every dialect in every
// form that JSON has for it.
func TestNumbersHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	const told = 450 * time.Second
	for _, n := range numbers() {
		for form, c := range map[string]struct {
			write func(value int64) string
			told  bool // the life is that of the number
		}{
			"plain":             {func(v int64) string { return fmt.Sprint(v) }, true},
			"with a zero":       {func(v int64) string { return fmt.Sprint(v, ".0") }, true},
			"with an exponent":  {func(v int64) string { return fmt.Sprint(v, "e0") }, true},
			"small":             {func(v int64) string { return fmt.Sprintf("%.20e", float64(v)) }, true},
			"a string":          {func(v int64) string { return fmt.Sprintf("%q", fmt.Sprint(v)) }, true},
			"a string, decimal": {func(v int64) string { return fmt.Sprintf("%q", fmt.Sprint(v, ".0")) }, true},
			"null":              {func(int64) string { return "null" }, false},
			"empty":             {func(int64) string { return `""` }, false},
			"0":                 {func(int64) string { return "0" }, false},
			"negative":          {func(v int64) string { return fmt.Sprint(-v) }, false},
			"huge":              {func(int64) string { return "9223372036854775808" }, false},
			"huge, short":       {func(int64) string { return "1e300" }, false},
		} {
			t.Run(n.dialect+"/"+n.member+"/"+form, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					want := n.without
					if c.told {
						want = told
					}
					token, err := loginAnswered(t, n.dialect, n.answer, strings.ReplaceAll(c.write(n.value(time.Now())), " ", ""))
					if n.member == "issuedAt" && !c.told { // then expiresAt counts, which is now
						want = 0
					}
					if err != nil || token.Life() != want {
						t.Errorf("it lives %v, %v; want %v", token.Life(), err, want)
					}
				})
			})
		}
		t.Run(n.dialect+"/"+n.member+"/no number", func(t *testing.T) {
			t.Parallel()
			token, err := loginAnswered(t, n.dialect, n.answer, "true")
			lenient := n.dialect == "form" || n.member == "exp of the token" // of no documented type
			if lenient && (err != nil || token.Life() != n.without) || !lenient && !errors.Is(err, sdk.ErrProtocol) {
				t.Errorf("got %v, %v", token.Life(), err)
			}
		})
	}
}

// loginAnswered logs in at a server that answers with number in the place of N,
// or of the end in the token itself.
func loginAnswered(t *testing.T, dialect, answer, number string) (sdk.Token, error) {
	t.Helper()
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"exp":` + number + `}`))
	answer = strings.Replace(strings.Replace(answer, "EXP", claims, 1), ":N", ":"+number, 1)
	for _, d := range allDialects() {
		if d.name == dialect {
			client := newClient(t, d.new(), sdk.WithHTTPTransport(memhttp.Transport(wiretest.New(wiretest.JSON(answer)))), sdk.WithoutBackgroundRenewal())
			return client.Token(t.Context())
		}
	}
	t.Fatalf("no dialect %s", dialect)
	return sdk.Token{}, nil
}
