package fleet

import (
	"math/rand/v2"
	"net/http"

	"github.com/dragoman-auth/dragoman/sdk"
)

// Option changes a setting of a [Fleet].
type Option func(*settings)

type settings struct {
	transport   http.RoundTripper
	store       sdk.Store
	client      []sdk.Option
	limit       int
	random      func() float64
	loginNeeded func(account string, err error)
}

func defaults() settings {
	const limit = 16
	return settings{limit: limit, random: rand.Float64, loginNeeded: func(string, error) {}}
}

// WithHTTPTransport sends everything through transport, as
// [sdk.WithHTTPTransport] does. The default is one transport of the fleet's own.
func WithHTTPTransport(transport http.RoundTripper) Option {
	return func(s *settings) { s.transport = transport }
}

// WithStore keeps the tokens in store, as [sdk.WithStore] does. An account that
// was in the fleet before a restart is kept fresh again when it is first used.
// The default is the process's memory.
func WithStore(store sdk.Store) Option { return func(s *settings) { s.store = store } }

// WithClientOptions gives further options to every client. Those of the fleet
// itself (transport, store, account, limit, background renewal) win.
func WithClientOptions(options ...sdk.Option) Option {
	return func(s *settings) { s.client = append(s.client, options...) }
}

// WithLimit bounds how many exchanges with the token endpoints of the back office
// are under way at once, over all accounts. The default is 16; less than 1 counts
// as 1.
func WithLimit(n int) Option { return func(s *settings) { s.limit = n } }

// WithRand replaces the source of jitter, as [sdk.WithRand] does, for the fleet and
// its clients.
func WithRand(random func() float64) Option {
	return func(s *settings) { s.random, s.client = random, append(s.client, sdk.WithRand(random)) }
}

// WithLoginNeeded calls tell when the server refuses an account permanently, so that
// a person has to do something: once, until the account has logged in again. In
// the background the fleet leaves such an account alone. err is the refusal. tell
// is called by a login that others wait for: it must be quick, and must not use
// the fleet.
func WithLoginNeeded(tell func(account string, err error)) Option {
	return func(s *settings) { s.loginNeeded = tell }
}
