package reference_test

import (
	"fmt"
	"net/http"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// guesser logs in with a password and an X-Forwarded-For header, and says whether
// the login was throttled.
type guesser func(user, password, forwarded string) (throttled bool)

// guessers are the logins of all dialects.
func guessers() map[string]func(o *office) guesser {
	all := map[string]func(o *office) guesser{"rpc over gRPC": func(o *office) guesser {
		login := o.direct()
		return func(user, password, forwarded string) bool {
			ctx := metadata.AppendToOutgoingContext(o.t.Context(), "x-forwarded-for", forwarded)
			answer, err := login.AuthenticateEx(ctx, &rpcpb.AuthenticateRequest{UserName: user, Password: password})
			if err != nil {
				o.t.Error(err)
			}
			return answer.GetErrorCode() == rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_USER_LOCKED
		}
	}}
	for _, d := range dialects() {
		all[d.name] = func(o *office) guesser {
			return func(user, password, forwarded string) bool {
				sender := *o
				sender.http = &http.Client{Transport: forwarding(forwarded)}
				r := d.login(&sender, user, password)
				if r.status != 200 && r.status != 401 && r.status != 429 {
					o.t.Errorf("a login answers %d %s", r.status, r.body)
				}
				return r.status == 429
			}
		}
	}
	return all
}

// forwarding sends requests with an X-Forwarded-For header.
type forwarding string

func (f forwarding) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(proxy.Header, string(f))
	return http.DefaultTransport.RoundTrip(r)
}

// perGuesser runs a test once per login, with three wrong passwords per address
// and no limit per account. The peer of every request is 127.0.0.1.
func perGuesser(t *testing.T, proxies string, test func(t *testing.T, guess guesser)) {
	t.Parallel()
	trusted, err := proxy.Trust(proxies)
	if err != nil {
		t.Fatal(err)
	}
	for name, begin := range guessers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, begin(open(t, func(c *reference.Config) {
				c.TrustedProxies, c.Throttle = trusted, account.Throttle{PerAccount: -1, PerAddress: 3}
			})))
		})
	}
}

// TestClientsOfAProxyAreThrottledApart: a client that guesses behind a proxy is
// throttled, whatever it writes into the header; other clients of the proxy are
// not.
func TestClientsOfAProxyAreThrottledApart(t *testing.T) {
	perGuesser(t, "127.0.0.1", func(t *testing.T, guess guesser) {
		for i := range 3 {
			if guess(fmt.Sprint("user-", i), "Wrong-1", "192.0.2.1") {
				t.Fatalf("the wrong password %d of the first client is throttled already", i+1)
			}
		}
		if !guess("root", "root", "192.0.2.1") {
			t.Error("the first client can go on")
		}
		if !guess("root", "root", "6.6.6.6, 192.0.2.1") { // the proxy appends to the header of the client
			t.Error("the first client can go on with a forged address")
		}
		if guess("root", "root", "192.0.2.2") {
			t.Error("the second client is throttled because of the first one")
		}
	})
}

// TestUntrustedPeersAreThrottledByTheirOwnAddress: the header of a peer that is not
// a trusted proxy is ignored.
func TestUntrustedPeersAreThrottledByTheirOwnAddress(t *testing.T) {
	perGuesser(t, "10.0.0.0/8", func(t *testing.T, guess guesser) {
		for i := range 3 {
			if guess("root", "Wrong-1", fmt.Sprint("192.0.2.", i)) {
				t.Fatalf("the wrong password %d is throttled already", i+1)
			}
		}
		for _, forwarded := range []string{"192.0.2.9", "10.0.0.1", "127.0.0.1", "::1", "", "192.0.2.9, 10.0.0.1"} {
			if !guess("root", "root", forwarded) {
				t.Errorf("the peer can go on with X-Forwarded-For: %s", forwarded)
			}
		}
	})
}
