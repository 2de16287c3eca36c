package reference_test

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// taking is a hasher that takes a second.
type taking struct{ account.FastHasher }

func (h taking) Verify(hash, password string) (bool, error) {
	<-time.After(time.Second)
	return h.FastHasher.Verify(hash, password)
}

// TestRefreshesComeBeforeLogins fills the queue of logins: whoever has a token is
// served at once, and further logins are sent away until the queue has gone.
func TestRefreshesComeBeforeLogins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := inMemory(t, reference.Config{Accounts: reference.DemoAccounts(), Hasher: taking{}, RPCSigner: testSigner()})
		tokens := map[string]string{}
		ways := dialects()
		for _, d := range ways {
			tokens[d.name] = d.token(o.want("a first login by "+d.name, d.login(o, "root", "root"), 200))
		}
		pair := o.want("a session", ways[0].login(o, "root", "root"), 200)
		answers := make(chan reply, 40)
		for i := range cap(answers) {
			go func() { answers <- ways[i%len(ways)].login(o, "root", "root") }()
		}
		synctest.Wait()
		began := time.Now()
		for _, d := range ways {
			r := o.want("one more login by "+d.name, d.login(o, "root", "root"), 503)
			if seconds, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || seconds < 8 || seconds > 12 {
				t.Errorf("%s: Retry-After is %q, with some 30 in the queue, 4 a second", d.name, r.header.Get("Retry-After"))
			}
			o.want("a request by "+d.name, d.protected(o, tokens[d.name]), 200)
		}
		o.want("a refresh", o.send("POST", "/tokens", fmt.Sprintf(`{"refresh_token":%q}`, pair.member("refresh_token")), bearer(pair.member("access_token"))), 200)
		o.want("an extension", o.send("PUT", "/login", fmt.Sprintf(`{"token":%q}`, tokens[wire.Form])), 200)
		o.want("a renewal", o.call(wire.RPCRenewSession, "{}", bearer(tokens[wire.RPC])), 200)
		if took := time.Since(began); took != 0 {
			t.Errorf("all that took %v", took)
		}
		served := 0
		for range cap(answers) {
			if r := <-answers; r.status == 200 {
				served++
			}
		}
		if took := time.Since(began); served < 30 || served == cap(answers) || took > 9*time.Second {
			t.Errorf("%d of %d logins were served within %v", served, cap(answers), took)
		}
	})
}
