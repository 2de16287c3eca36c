//go:build unix

package reference_test

import (
	"context"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// unlimited never throttles.
type unlimited struct{}

func (unlimited) Check(context.Context, account.Attempt) error     { return nil }
func (unlimited) Failed(context.Context, account.Attempt) error    { return nil }
func (unlimited) Succeeded(context.Context, account.Attempt) error { return nil }

// TestRefusalsTakeTheSameTime sends wrong passwords of an account and of nobody
// by turns, through the login of every dialect and at the real cost of argon2id.
// The medians differ by less than a tenth: names cannot be found out by the
// clock. It is the processor's time that counts, for on a busy machine the
// clock's says more about the others; so this test runs alone in its process.
func TestRefusalsTakeTheSameTime(t *testing.T) {
	// ways are the logins: each fails the test unless the password is refused.
	ways := map[string]func(o *office) (refuse func(user string)){"rpc over gRPC": refuseOverGRPC}
	for _, d := range dialects() {
		ways[d.name] = func(o *office) func(string) {
			return func(user string) {
				o.want("a wrong password", d.login(o, user, "Wrong-1"), http.StatusUnauthorized)
			}
		}
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) { // one after the other: they would disturb each other
			o := openWithAnn(t, func(c *reference.Config) { c.Limiter = unlimited{} })
			refuse := way(o)
			// Not nearer to a tenth than the noise: more samples until it is clear.
			const atLeast, atMost, bound = 15, 120, 0.10
			times := map[string][]time.Duration{}
			apart := math.Inf(1)
			for n := range atMost + 1 {
				for _, user := range []string{"ann", "nobody"} {
					began := spent()
					refuse(user)
					if n > 0 { // the first makes the hash of nobody
						times[user] = append(times[user], spent().minus(began).cpu)
					}
				}
				if n < atLeast {
					continue
				}
				if apart = median(times["nobody"])/median(times["ann"]) - 1; math.Abs(apart) < bound/2 || t.Failed() {
					break
				}
			}
			t.Logf("of %d attempts each, a wrong password takes %.1f ms, an unknown user %+.1f %%",
				len(times["ann"]), 1e3*median(times["ann"]), 100*apart)
			if math.Abs(apart) >= bound {
				t.Errorf("an unknown user takes %+.1f %% longer than a wrong password, %.1f ms", 100*apart, 1e3*median(times["ann"]))
			}
			if median(times["ann"]) < 0.001 {
				t.Error("a wrong password costs next to nothing: this is not argon2id")
			}
		})
	}
}

func refuseOverGRPC(o *office) func(user string) {
	login := o.direct()
	return func(user string) {
		o.t.Helper()
		answer, err := login.AuthenticateEx(o.t.Context(), &rpcpb.AuthenticateRequest{UserName: user, Password: "Wrong-1"})
		if err != nil || answer.GetErrorCode() != rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_WRONG_CREDENTIALS {
			o.t.Errorf("a wrong password over gRPC: %v %v", answer, err)
		}
	}
}

// median is in seconds.
func median(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2].Seconds()
}
