package doctor

import (
	"context"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// How long the subject's Date is given to follow a move, and how often it is
// asked for.
const (
	longestLag = 4 * time.Second
	askAgain   = 100 * time.Millisecond
)

// follows sees whether Date follows a move, at once or a little later, and tells
// the clock how much later. Where it cannot be asked any more, that is not about
// the clock.
func (e *examination) follows(ctx context.Context, before time.Time) bool {
	began := time.Now()
	for {
		after, err := e.date(ctx)
		lag := time.Since(began)
		if err != nil || after.Sub(before) >= move/2 {
			if clock, ok := e.subject.Clock.(interface{ Lags(lag time.Duration) }); ok && lag > askAgain {
				clock.Lags(lag + lag/2)
			}
			return true
		}
		if lag > longestLag {
			return false
		}
		if exchange.Sleep(ctx, askAgain) != nil {
			return true
		}
	}
}

// learn takes the subject's time from an answer of its own, where Date does not
// tell: from issuedAt of the scoped dialect, or the "iat" of a token. False says
// that none tells; then only the judge's own moves are known.
func (e *examination) learn(ctx context.Context, dialects []string) bool {
	clock, ok := e.subject.Clock.(interface {
		Learn(now time.Time)
		IgnoreDate()
	})
	if !ok {
		return false
	}
	clock.IgnoreDate()
	for _, name := range dialects {
		on := exchange.NewClient(e.subject, name, &evidence.Log{})
		client, err := dialect.New(on)
		if err != nil {
			continue
		}
		answer, grant, err := client.LogIn(ctx, client.Full())
		if closer, ok := client.(*dialect.RPC); ok {
			_ = closer.Close() // it was only read
		}
		if err != nil || grant == nil {
			continue
		}
		if now, ok := ownTime(answer, grant.Access); ok && plausible(now.Sub(e.subject.Clock.Now())) {
			clock.Learn(now)
			return true
		}
	}
	return false
}

// plausible is how far a server's time may be ahead after many runs, and behind.
func plausible(ahead time.Duration) bool {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	return ahead > -day && ahead < 100*year
}

// ownTime is when a login was answered, by what the answer or its token says.
func ownTime(a *exchange.Answer, token string) (time.Time, bool) {
	if issuedAt, err := a.WholeNumber("issuedAt"); err == nil {
		return time.UnixMilli(issuedAt), true
	}
	_, payload, _, ok := tokens.SplitJWT(token)
	if !ok {
		return time.Time{}, false
	}
	claims, err := tokens.DecodePart(payload)
	if err != nil {
		return time.Time{}, false
	}
	iat, err := tokens.ClaimTime(claims["iat"])
	return iat, err == nil
}
