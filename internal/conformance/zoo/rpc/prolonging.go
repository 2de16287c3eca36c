package rpc

import (
	"net/http"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// prolonging are mistakes in how long a session lives that was renewed, by each of the
// names that a renewal has.
func prolonging() []mutation.Mutant {
	return []mutation.Mutant{
		{
			Name: "rpc/renewal-prolongs-nothing", Breaks: []string{"RPC-07"},
			Why: "A renewal changes the token, and its end stays that of the session.",
			Change: func(s *mutation.Server) {
				endsAsBefore(s, "RenewSession")
				tellsOldEnd(s, "RenewSession")
			},
		},
		{
			Name: "rpc/renewal-prolongs-in-words", Breaks: []string{"RPC-07"},
			Why:    "The new end stands in the answer, and the session ends when it would have ended.",
			Change: func(s *mutation.Server) { endsAsBefore(s, "RenewSession") },
		},
		{
			Name: "rpc/renewal-tells-the-old-end", Breaks: []string{"RPC-07"},
			Why:    "The session is prolonged after the answer was written.",
			Change: func(s *mutation.Server) { tellsOldEnd(s, "RenewSession") },
		},
		{
			Name: "rpc/second-renewal-tells-the-old-end", Breaks: []string{"RPC-24"},
			Why:    "The younger renewal prolongs the session after the answer was written.",
			Change: func(s *mutation.Server) { tellsOldEnd(s, "RenewSession2") },
		},
		{
			Name: "rpc/second-renewal-prolongs-in-words", Breaks: []string{"RPC-24"},
			Why:    "The new end stands in the answer, and the session ends when it would have ended.",
			Change: func(s *mutation.Server) { endsAsBefore(s, "RenewSession2") },
		},
		{
			Name: "rpc/second-renewal-of-the-expired", Breaks: []string{"RPC-24"},
			Why:    "The younger renewal verifies the signature of a token, and not its end.",
			Change: acceptsExpired(overBoth, "RenewSession2"),
		},
		{
			Name: "rpc/rest-renewal-tells-the-old-end", Breaks: []string{"RPC-28"},
			Why: "The web gateway keeps the end of a session from its login, and shows that.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(restRenew, func(a *mutation.Reply) {
					l.with(mutation.Bearer(a.Request), func(g *granted) {
						if g != nil {
							a.SetWhereOK("expires_at", g.ends.Format(compactTime))
						}
					})
				})
			},
		},
		{
			Name: "rpc/rest-renewal-prolongs-in-words", Breaks: []string{"RPC-28"},
			Why: "The web gateway answers a new end of its own, and the service ends the session when it would have ended.",
			Change: func(s *mutation.Server) {
				keepsEnds(s, func(keep func(old, renewed string)) {
					s.OnAnswer(restRenew, func(a *mutation.Reply) {
						if a.OK() {
							keep(mutation.Bearer(a.Request), a.Member("token_value"))
						}
					})
				})
			},
		},
		{
			Name: "rpc/rest-renews-the-expired", Breaks: []string{"RPC-28"},
			Why: "The web gateway renews what it finds among its sessions, which are removed once a day.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				renewsWhere(s, l, l.expired)
			},
		},
		{
			Name: "rpc/rest-renews-the-garbled", Breaks: []string{"RPC-28"},
			Why: "The web gateway reads the session from the claims, and leaves the signature to the service.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				renewsWhere(s, l, func(token string) bool { return mutation.IsJWT(token) && !l.knows(token) })
			},
		},
	}
}

// tellsOldEnd answers a renewal with the end of the token that it was asked with.
func tellsOldEnd(s *mutation.Server, method string) {
	l := newLedger(s)
	onCall(s, overBoth, func(c *call) {
		if c.Method != method || !c.grants() {
			return
		}
		l.with(c.Token, func(g *granted) {
			if g != nil {
				c.login().ExpiresAt = g.ends.Format(compactTime)
			}
		})
	})
}

// endsAsBefore ends a token that a renewal has obtained with the one that it was asked
// with.
func endsAsBefore(s *mutation.Server, method string) {
	keepsEnds(s, func(keep func(old, renewed string)) {
		onCall(s, overBoth, func(c *call) {
			if c.Method == method && c.grants() {
				keep(c.Token, c.login().GetTokenValue())
			}
		})
	})
}

// keepsEnds ends each token that was renewed from another one with that one. Watch tells
// of such pairs.
func keepsEnds(s *mutation.Server, watch func(keep func(old, renewed string))) {
	l := newLedger(s)
	var mu sync.Mutex
	ends := map[string]time.Time{}
	onToken(s, overBoth, func(_, token string) string {
		mu.Lock()
		defer mu.Unlock()
		if end, renewed := ends[token]; renewed && !s.Clock.Now().Before(end) {
			return "expired"
		}
		return token
	})
	watch(func(old, renewed string) {
		l.with(old, func(g *granted) {
			if g != nil {
				mu.Lock()
				defer mu.Unlock()
				ends[renewed] = g.ends
			}
		})
	})
}

// renewsWhere renews over REST with some tokens that are refused elsewhere.
func renewsWhere(s *mutation.Server, l *ledger, which func(token string) bool) {
	s.OnAnswer(restRenew, func(a *mutation.Reply) {
		if !a.OK() && which(mutation.Bearer(a.Request)) {
			a.Replace(http.StatusOK, map[string]any{
				"token_name": wire.RPCTokenName, "token_value": l.freshToken(), "error_code": wire.RPCCodeOK,
			})
		}
	})
}
