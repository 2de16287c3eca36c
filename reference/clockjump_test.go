package reference_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// TestClockJumps sets the clock back and forth by hours. Tokens end by the clock. A
// jump does not make a revoked token valid, and does not break logins, keys and
// refreshes.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	var jump atomic.Int64
	start := time.Now()
	o := open(t, func(c *reference.Config) {
		c.Clock = clock.Func(func() time.Time { return start.Add(time.Duration(jump.Load())) })
	})
	pair := o.send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"root"}}`)
	form := o.formLogin("login=root&pass=root").member("token")
	revoked := o.formLogin("login=root&pass=root").member("token")
	o.want("a revocation", o.send("DELETE", "/login?token="+revoked, ""), 204)
	for _, to := range []time.Duration{-3 * time.Hour, 3 * time.Hour, -keyring.Staleness, 0} {
		jump.Store(int64(to))
		o.want("a revoked token", o.items(revoked), 401)
		o.want("a token of a day", o.items(form), 200)
		status := 200
		if to > 10*time.Minute {
			status = 401
		}
		o.want("a token of ten minutes", o.users(pair.member("access_token")), status)
		fresh := o.want("a login", o.send("POST", "/sessions", `{"session":{"email":"root@example.com","password":"root"}}`), 200)
		next := o.want("a refresh", o.send("POST", "/tokens", `{"refresh_token":"`+fresh.member("refresh_token")+`"}`, "Authorization: Bearer "+fresh.member("access_token")), 200)
		o.want("its token", o.users(next.member("access_token")), 200)
	}
}
