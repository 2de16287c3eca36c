package sdk

import "time"

// All that the client decides about time, as functions of their arguments.
const (
	// A token is not used in its last moments, because clocks differ and
	// requests travel: 10 s, or a tenth of a life under 100 s.
	edgeMargin   = 10 * time.Second
	edgeFraction = 10

	// In the background a token is renewed after 70 to 80 % of its life, but
	// no more than a day before its end.
	earliest, latest = 0.70, 0.80
	longestLead      = 24 * time.Hour
	// However short the lives of tokens are, there is no more than one renewal
	// in this time that nobody asked for.
	shortestRenewal = time.Second

	// After a failure the client leaves the server alone for a while, which
	// doubles with every further failure and is jittered between a half and
	// the whole.
	firstPause, longestPause = 250 * time.Millisecond, 30 * time.Second
	// Where the server says when to come back, no pause is longer than so many
	// times that.
	longestOfAsked = 8
	// A refusal of credentials is not going to change soon, and every further
	// try brings the account nearer to being locked.
	firstRefusedPause, longestRefusedPause = 2 * time.Second, 5 * time.Minute
	// When a fresh token is rejected as its predecessor was, renewing is not
	// the fix.
	firstRejectPause, longestRejectPause = time.Second, time.Minute
)

// edgeOf is when a token stops being used; zero means never.
func edgeOf(token Token) time.Time {
	if token.Expires.IsZero() {
		return time.Time{}
	}
	return token.Expires.Add(-min(edgeMargin, token.Life()/edgeFraction))
}

// usable says whether a token may be sent at now.
func usable(token Token, now time.Time) bool {
	if token.IsZero() {
		return false
	}
	edge := edgeOf(token)
	return edge.IsZero() || now.Before(edge)
}

// renewalOf is when the background renewal of a token starts; zero means never.
// random is in [0,1).
func renewalOf(token Token, random float64) time.Time {
	life := token.Life()
	if life <= 0 {
		return time.Time{}
	}
	lead := time.Duration(float64(life) * (1 - latest + (latest-earliest)*random))
	if lead > longestLead {
		lead = longestLead - time.Duration(float64(longestLead)*(latest-earliest)*random)
	}
	return token.Expires.Add(-lead)
}

// calmPause is the first pause of a renewal that nobody waits for: a twentieth of
// the token's life, which leaves time for several, so that the clients of an
// outage do not all come back in the first seconds after it.
func calmPause(life time.Duration) time.Duration {
	const share = 20
	return min(max(life/share, firstPause), longestPause)
}

// pause is how long to wait after the count-th failure in a row; count is from
// 1, random in [0,1).
func pause(first, longest time.Duration, count int, random float64) time.Duration {
	const enough = 20 // doublings after which every pause is at its longest
	whole := min(first<<min(count-1, enough), longest)
	return time.Duration(float64(whole) * (1 + random) / 2)
}
