package rpc

import "github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"

// trusts accepts tokens that were not given out and that somebody trusts.
func trusts(token func(l *ledger, token string) bool) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		onToken(s, overBoth, func(_, shown string) string {
			if mutation.IsJWT(shown) && !l.has(func(known string) bool { return known == shown }) && l.closed(shown) == 0 && token(l, shown) {
				return l.freshToken()
			}
			return shown
		})
	}
}

// acceptsExpired accepts an expired token for a method.
func acceptsExpired(via transport, method string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		onToken(s, via, func(called, token string) string {
			if called == method && l.expired(token) {
				return l.freshToken()
			}
			return token
		})
	}
}

// acceptsClosed accepts tokens of sessions that were closed over one transport,
// for some methods over another.
func acceptsClosed(closedVia, via transport, methods ...string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		onToken(s, via, func(called, token string) string {
			for _, method := range methods {
				if called == method && l.closed(token) == closedVia {
					return l.freshToken()
				}
			}
			return token
		})
	}
}

// acceptsWithout accepts calls of a method that come without a token.
func acceptsWithout(via transport, method string) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		onToken(s, via, func(called, token string) string {
			if called == method && token == "" {
				return l.freshToken()
			}
			return token
		})
	}
}

// unknownElsewhere makes tokens that were obtained over one transport unknown to
// the other.
func unknownElsewhere(born, via transport) func(*mutation.Server) {
	return func(s *mutation.Server) {
		l := newLedger(s)
		onToken(s, via, func(_, token string) string {
			l.with(token, func(g *granted) {
				if g != nil && g.via == born {
					token = "unknown"
				}
			})
			return token
		})
	}
}
