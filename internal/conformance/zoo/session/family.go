package session

import (
	"net/http"
	"slices"
	"sync"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// families knows which tokens belong to one session, as they were answered.
// Mutants use it to do to a session what the reference would not.
type families struct {
	mu      sync.Mutex
	byToken map[string]*family
	all     []*family
}

// family is the tokens of one session.
type family struct {
	access, refresh []string // the newest last
	noAccess        bool     // its access tokens are rejected
	noRefresh       bool     // its refresh tokens are rejected
	inUse           bool     // a token of the newest pair was used
	localised       bool     // it began at another path than the English one
	extraOf         string   // the refresh token that it began with; see extraSession
}

// extraSession is the header of a request that a mutant makes a login of, where a
// refresh was asked for.
const extraSession = "X-Zoo-Extra-Session"

func (f *family) newestAccess() string  { return f.access[len(f.access)-1] }
func (f *family) newestRefresh() string { return f.refresh[len(f.refresh)-1] }

// isReplay says whether a refresh token was used before and its successor is
// in use.
func (f *family) isReplay(refresh string) bool {
	at := slices.Index(f.refresh, refresh)
	return at >= 0 && (at < len(f.refresh)-2 || at == len(f.refresh)-2 && f.inUse)
}

// watchFamilies starts to watch the tokens that the server answers, and to
// reject what a family has marked. What a mutant wraps afterwards sees requests
// first.
func watchFamilies(s *mutation.Server) *families {
	f := &families{byToken: map[string]*family{}}
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if f.refuses(r) {
				mutation.WriteJSON(w, http.StatusUnauthorized, map[string]string{"error_message": "this session has ended"})
				return
			}
			inner.ServeHTTP(w, r)
		})
	})
	s.OnAnswer(login, func(a *mutation.Reply) {
		if a.OK() {
			f.with("", func(*family) { f.found(a) })
		}
	})
	s.Wrap(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !refresh(r) {
				inner.ServeHTTP(w, r)
				return
			}
			used := mutation.SentText(r, "refresh_token")
			recorded := mutation.Record(inner, r)
			if recorded.OK() {
				f.with(used, func(known *family) { f.grow(known, recorded) })
			}
			recorded.Send(w)
		})
	})
	return f
}

// with does something to the family of a token, nil for none, while nobody
// else touches any.
func (f *families) with(token string, do func(*family)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do(f.byToken[token])
}

// found begins a family with the pair in an answer.
func (f *families) found(a *mutation.Reply) {
	fresh := &family{localised: a.Request.URL.Path != "/sessions", extraOf: a.Request.Header.Get(extraSession)}
	f.all = append(f.all, fresh)
	f.grow(fresh, a)
}

// grow adds the pair in an answer. A family that nobody knows has none.
func (f *families) grow(known *family, a *mutation.Reply) {
	access, refresh := a.Member("access_token"), a.Member("refresh_token")
	if known == nil || access == "" {
		return
	}
	if f.byToken[refresh] == nil {
		known.access, known.refresh = append(known.access, access), append(known.refresh, refresh)
		known.inUse = false
	}
	f.byToken[access], f.byToken[refresh] = known, known
}

// refuses says whether a request comes with a token whose family has ended.
func (f *families) refuses(r *http.Request) bool {
	token, refreshing := mutation.Bearer(r), refresh(r)
	if refreshing {
		token = mutation.SentText(r, "refresh_token")
	}
	refused := false
	f.with(token, func(known *family) {
		if known != nil {
			refused = refreshing && known.noRefresh || !refreshing && known.noAccess
			known.inUse = known.inUse || !refreshing && token == known.newestAccess()
		}
	})
	return refused
}

// isRefresh says whether a token is one of the family's refresh tokens.
func (f *family) isRefresh(token string) bool { return slices.Contains(f.refresh, token) }

// accessTokens are all that were answered.
func (f *families) accessTokens() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, one := range f.all {
		all = append(all, one.access...)
	}
	return all
}

// endAllBut ends every other family. It is for with.
func (f *families) endAllBut(spared *family) {
	for _, one := range f.all {
		if one != spared {
			one.noAccess, one.noRefresh = true, true
		}
	}
}

// extras are the sessions that began with a refresh token. It is for with.
func (f *families) extras(refresh string) []*family {
	return slices.DeleteFunc(slices.Clone(f.all), func(one *family) bool { return one.extraOf != refresh })
}

// useNewest replaces the refresh token of a request, and the bearer beside it,
// by the newest of their session.
func (f *families) useNewest(r *http.Request) {
	f.with(mutation.SentText(r, "refresh_token"), func(known *family) {
		if known != nil && known.isRefresh(mutation.SentText(r, "refresh_token")) {
			mutation.SetBody(r, mutation.JSON(map[string]string{"refresh_token": known.newestRefresh()}))
		}
	})
}
