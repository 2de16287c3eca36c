package scoped

import (
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Variants differ in the scoped dialect.
func Variants() []mutation.Variant {
	only := []string{"scoped"}
	return []mutation.Variant{
		{
			Name: "scoped-calendar-years", Dialects: only,
			Differs: "Years are those of the calendar.",
			Change: func(s *mutation.Server) {
				s.LifetimeParser = func(words string) (time.Duration, error) {
					life, err := wire.ParseLifetime(words)
					if err != nil || !strings.HasSuffix(words, "years") {
						return life, err
					}
					const year = 365 * 24 * time.Hour
					now := s.Clock.Now()
					return now.AddDate(int(life/year), 0, 0).Sub(now), nil
				}
			},
		},
		{
			Name: "scoped-other-default", Dialects: only,
			Differs: "A token lives for two hours unless it is asked for another life, as declared.",
			Change: func(s *mutation.Server) {
				s.Lifetimes.Scoped = 2 * time.Hour
				s.Manifest.Dialects.Scoped.DefaultLife = 2 * time.Hour
			},
		},
		{
			Name: "scoped-null-scopes", Dialects: only,
			Differs: "The list shows an unlimited token with scopes null, and every token with what else is known of it.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) {
				if entry["scopes"] == nil {
					entry["scopes"] = nil
				}
				entry["lastUsedAt"], entry["owner"] = 0, "root"
			}),
		},
		{
			Name: "scoped-prefixed-scopes", Dialects: only,
			Differs: "The list shows scopes with the prefix of the version.",
			Change: mutation.ChangesEntries(list, func(entry map[string]any) {
				scopes, _ := entry["scopes"].([]any)
				for i, text := range scopes {
					if plain, ok := text.(string); ok && !strings.Contains(plain, " /api/v1/") {
						scopes[i] = strings.Replace(plain, " /", " /api/v1/", 1)
					}
				}
			}),
		},
		{
			Name: "scoped-narrows", Dialects: only,
			Differs: "A token that is asked for with more than its issuer has is issued, with what the issuer has of it.",
			Change:  narrows,
		},
		{
			Name: "scoped-no-wildcard", Dialects: only,
			Differs: "The star is no scope, and is not declared.",
			Change: func(s *mutation.Server) {
				s.Manifest.Dialects.Scoped.Wildcard = false
				s.ScopeMatcher = matcher{check: func(scopes []string) error {
					for _, text := range scopes {
						if strings.HasSuffix(text, "*") && text != "*" {
							return errNoScope
						}
					}
					return matcher{}.Check(scopes)
				}}
			},
		},
		{
			Name: "scoped-methods-as-tree", Dialects: only,
			Differs: "The list of methods is a tree of paths, each with its methods, and parameters in braces.",
			Change:  methodsAsTree,
		},
		{
			Name: "scoped-tricks-are-400", Dialects: only,
			Differs: "A path that can be read in two ways is a bad request, an unknown one 403.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(mutation.NotClock, func(a *mutation.Reply) {
					if strings.Contains(strings.ToLower(a.Request.URL.EscapedPath()), "%2") || strings.Contains(a.Request.URL.Path, "//") {
						a.Becomes(http.StatusNotFound, http.StatusBadRequest)
					}
				})
			},
		},
		{
			Name: "scoped-revocation-without-body", Dialects: only,
			Differs: "A revocation answers 204 without a body.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(revoke, func(a *mutation.Reply) {
					if a.OK() {
						a.Status, a.Body = http.StatusNoContent, nil
						a.Header.Del("Content-Type")
					}
				})
			},
		},
	}
}

// narrows issues a token with those of the asked scopes that its issuer has.
func narrows(s *mutation.Server) {
	l := newLedger(s)
	s.OnRequest(issue, func(r *http.Request) {
		asked := mutation.Sent(r)
		if asked == nil {
			return
		}
		l.with(mutation.Bearer(r), func(g *granted) {
			list, ok := asked["scopes"].([]any)
			if g == nil || g.scopes == nil || !ok {
				return
			}
			var kept []any
			for _, element := range list {
				text, isText := element.(string)
				if !isText || (matcher{}).Covers(g.scopes, []string{text}) {
					kept = append(kept, element)
				}
			}
			if len(kept) > 0 {
				asked["scopes"] = kept
				mutation.SetBody(r, mutation.JSON(asked))
			}
		})
	})
}

// methodsAsTree shows the list of methods by path.
func methodsAsTree(s *mutation.Server) {
	s.OnAnswer(mutation.At("GET", "/api/v1/methods"), func(a *mutation.Reply) {
		tree := map[string][]string{}
		for _, method := range a.Texts() {
			verb, path, _ := strings.Cut(method, " ")
			segments := strings.Split(path, "/")
			for i, segment := range segments {
				if name, isParameter := strings.CutPrefix(segment, ":"); isParameter {
					segments[i] = "{" + name + "}"
				}
			}
			path = strings.Join(segments, "/")
			tree[path] = append(tree[path], strings.ToLower(verb))
		}
		if a.OK() {
			a.Write(map[string]any{"paths": tree})
		}
	})
}
