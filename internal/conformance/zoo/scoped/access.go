package scoped

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/reference/scope"
)

// access are mistakes in what tokens and scopes grant access to.
func access() []mutation.Mutant {
	withBearer := func(r *http.Request) bool { return resources(r) && mutation.Bearer(r) != "" }
	return []mutation.Mutant{
		{
			Name: "scoped/bearer-unread", Breaks: []string{"SCP-05"},
			Why: "The resources moved behind a gateway that expects a header of its own.",
			Change: func(s *mutation.Server) {
				s.OnRequest(resources, func(r *http.Request) { r.Header.Del("Authorization") })
			},
		},
		{
			Name: "scoped/resources-redirect", Breaks: []string{"SCP-05"},
			Why:    "The resources moved to the next version's path, and the old one redirects.",
			Change: mutation.ChangesStatus(resources, http.StatusOK, http.StatusTemporaryRedirect),
		},
		{
			Name: "scoped/no-token-is-403", Breaks: []string{"SCP-06"},
			Why: "401 and 403 are mixed up.",
			Change: mutation.ChangesStatus(func(r *http.Request) bool { return resources(r) && mutation.Bearer(r) == "" },
				http.StatusUnauthorized, http.StatusForbidden),
		},
		{
			Name: "scoped/resources-public", Breaks: []string{"SCP-06"},
			Why: "The filter that demands a token was not put on this route.", Change: public(resources),
		},
		{
			Name: "scoped/garbled-token-is-400", Breaks: []string{"SCP-06"},
			Why: "A token that cannot be decoded is a bad request to the decoder.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(withBearer, func(a *mutation.Reply) {
					l.with(mutation.Bearer(a.Request), func(g *granted) {
						if g == nil {
							a.Becomes(http.StatusUnauthorized, http.StatusBadRequest)
						}
					})
				})
			},
		},
		{
			Name: "scoped/path-ignored", Breaks: []string{"SCP-08", "SCP-10", "SCP-11", "SCP-15", "SCP-18", "SCP-27"},
			Why:    "A scope is read as a role: a token that may GET something may GET everything.",
			Change: allows(func(scope, method, _ string) bool { return strings.HasPrefix(scope, method+" ") }),
		},
		{
			Name: "scoped/denied-is-404", Breaks: []string{"SCP-08", "SCP-09", "SCP-10", "SCP-11"},
			Why: "What a token may not see does not exist for it.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(withBearer, func(a *mutation.Reply) {
					l.with(mutation.Bearer(a.Request), func(g *granted) {
						if g != nil && g.scopes != nil {
							a.Becomes(http.StatusForbidden, http.StatusNotFound)
						}
					})
				})
			},
		},
		{
			Name: "scoped/denied-is-401", Breaks: []string{"SCP-08", "SCP-09", "SCP-10", "SCP-11", "SCP-33"},
			Why: "401 and 403 are mixed up.", Change: mutation.ChangesStatus(resources, http.StatusForbidden, http.StatusUnauthorized),
		},
		{
			Name: "scoped/prefix-match", Breaks: []string{"SCP-08", "SCP-18"},
			Why: "A path that begins like the scope's is taken for one below it.",
			Change: func(s *mutation.Server) {
				s.ScopeMatcher = matcher{allows: func(text, method, escaped string) bool {
					verb, pattern, _ := strings.Cut(text, " ")
					return verb == method && !strings.Contains(pattern, ":") && strings.HasPrefix(unprefixed(escaped), unprefixed(pattern))
				}, covers: func(have, want []string) bool { return scope.Grammar{}.Covers(have, want) || coversPrefix(have, want) }}
			},
		},
		{
			Name: "scoped/parameters-are-numbers", Breaks: []string{"SCP-10"},
			Why: "A parameter is compiled into an expression of digits.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				lettered := func(r *http.Request) bool {
					return withBearer(r) && strings.ContainsFunc(path.Base(r.URL.Path), unicode.IsUpper)
				}
				s.OnAnswer(lettered, func(a *mutation.Reply) {
					l.with(mutation.Bearer(a.Request), func(g *granted) {
						if g != nil && slices.ContainsFunc(g.scopes, func(scope string) bool { return strings.Contains(scope, ":") }) {
							a.Replace(http.StatusForbidden, map[string]string{"error": "no scope of this token names it"})
						}
					})
				})
			},
		},
		{
			Name: "scoped/method-ignored", Breaks: []string{"SCP-09"},
			Why: "Only the path of a scope is compared.",
			Change: func(s *mutation.Server) {
				s.ScopeMatcher = matcher{allows: func(text, _, escaped string) bool {
					_, pattern, _ := strings.Cut(text, " ")
					return pattern == unprefixed(escaped) && pattern != "/tokens"
				}}
			},
		},
		{
			Name: "scoped/scopes-only-read", Breaks: []string{"SCP-09"},
			Why: "Scopes were made for reports: one for writing grants nothing, but to issue tokens.",
			Change: func(s *mutation.Server) {
				s.ScopeMatcher = matcher{reads: func(text string) bool {
					return !strings.HasPrefix(text, http.MethodPost+" ") || strings.HasSuffix(text, "/tokens")
				}}
			},
		},
		{
			Name: "scoped/write-includes-read", Breaks: []string{"SCP-09"},
			Why: "Whoever may write may read.",
			Change: allows(func(text, method, escaped string) bool {
				verb, pattern, _ := strings.Cut(text, " ")
				return verb == http.MethodPost && method == http.MethodGet && pattern == unprefixed(escaped)
			}),
		},
		{
			Name: "scoped/read-includes-write", Breaks: []string{"SCP-09"},
			Why: "Scopes are for paths that are read, and a list that is read may be added to.",
			Change: allows(func(text, method, escaped string) bool {
				verb, pattern, _ := strings.Cut(text, " ")
				return verb == http.MethodGet && method == http.MethodPost && pattern == unprefixed(escaped)
			}),
		},
		{
			Name: "scoped/parameter-swallows-rest", Breaks: []string{"SCP-10"},
			Why: "A parameter became .* in the regular expression.",
			Change: allows(func(text, method, escaped string) bool {
				verb, pattern, _ := strings.Cut(text, " ")
				front, _, last := strings.Cut(unprefixed(pattern), "/:")
				return verb == method && last && strings.HasPrefix(unprefixed(escaped), front+"/")
			}),
		},
		{
			Name: "scoped/parameter-optional", Breaks: []string{"SCP-10", "SCP-11"},
			Why: "A parameter became [^/]* in the regular expression, and the slash before it is optional.",
			Change: allows(func(text, method, escaped string) bool {
				verb, pattern, _ := strings.Cut(text, " ")
				front, _, last := strings.Cut(unprefixed(pattern), "/:")
				return verb == method && last && unprefixed(escaped) == front
			}),
		},
		{
			Name: "scoped/parameter-only-id", Breaks: []string{"SCP-10"},
			Why: "The one name that the examples have was built in.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusForbidden, func(g *granted, _ *http.Request) bool {
					return slices.ContainsFunc(g.scopes, func(text string) bool {
						return strings.Contains(text, "/:") && !strings.Contains(text, "/:id")
					})
				})
			},
		},
		{
			Name: "scoped/inner-parameter-grants-above", Breaks: []string{"SCP-10"},
			Why: "A scope also grants access to what stands above what it names.",
			Change: allows(func(text, method, escaped string) bool {
				verb, pattern, _ := strings.Cut(text, " ")
				return verb == method && strings.Count(pattern, "/") == 3 && strings.Contains(pattern, "/:") && strings.HasPrefix(pattern, unprefixed(escaped))
			}),
		},
		{
			Name: "scoped/prefix-refused", Breaks: []string{"SCP-11"},
			Why: "A scope with the version in its path is thought to be a mistake.",
			Change: func(s *mutation.Server) {
				s.ScopeMatcher = matcher{check: func(scopes []string) error {
					for _, text := range scopes {
						if strings.Contains(text, " /api/") {
							return errNoScope
						}
					}
					return scope.Grammar{}.Check(scopes)
				}}
			},
		},
		{
			Name: "scoped/prefix-grants-nothing", Breaks: []string{"SCP-11"},
			Why: "Paths are compared without the version, and scopes are left as they came.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusForbidden, func(g *granted, _ *http.Request) bool {
					return slices.ContainsFunc(g.scopes, func(text string) bool { return strings.Contains(text, " /api/v1/") })
				})
			},
		},
		{
			Name: "scoped/unlimited-reads-only", Breaks: []string{"SCP-12"},
			Why: "Without scopes a token gets the default scopes, which read.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusForbidden, func(g *granted, r *http.Request) bool {
					return g.scopes == nil && r.Method != http.MethodGet && r.Method != http.MethodHead
				})
			},
		},
		{
			Name: "scoped/unlimited-stops-at-items", Breaks: []string{"SCP-12"},
			Why: "Without scopes a token gets the default scopes, which name the lists.",
			Change: func(s *mutation.Server) {
				rejects(s, objects, http.StatusForbidden, func(g *granted, _ *http.Request) bool {
					return g.scopes == nil
				})
			},
		},
		{
			Name: "scoped/unlimited-manages-nothing", Breaks: []string{"SCP-12", "SCP-13", "SCP-15"},
			Why: "Without scopes a token gets the default scopes, which leave the list of tokens out.",
			Change: func(s *mutation.Server) {
				rejects(s, list, http.StatusForbidden, func(g *granted, _ *http.Request) bool { return g.scopes == nil })
			},
		},
		{
			Name: "scoped/unlimited-is-old", Breaks: []string{"SCP-12"},
			Why: "Without scopes a token gets the default scopes, and nobody added the newest resource to them.",
			Change: func(s *mutation.Server) {
				rejects(s, mutation.At("GET", "/api/v1/geofences"), http.StatusForbidden, func(g *granted, _ *http.Request) bool { return g.scopes == nil })
			},
		},
		{
			Name: "scoped/methods-without-parameters", Breaks: []string{"SCP-26"},
			Why: "The list of methods shows what a browser can open.",
			Change: func(s *mutation.Server) {
				filtersMethods(s, func(method string) bool { return !strings.Contains(method, ":") })
			},
		},
		{
			Name: "scoped/methods-without-tokens", Breaks: []string{"SCP-26"},
			Why: "The list is made of the routes of things, and the tokens have a router of their own.",
			Change: func(s *mutation.Server) {
				filtersMethods(s, func(method string) bool { return !strings.Contains(method, "/tokens") })
			},
		},
		{
			Name: "scoped/methods-read-only", Breaks: []string{"SCP-26"},
			Why: "The list of methods was written for the reports, which only read.",
			Change: func(s *mutation.Server) {
				filtersMethods(s, func(method string) bool { return strings.HasPrefix(method, "GET ") })
			},
		},
		{
			Name: "scoped/methods-of-tokens-only", Breaks: []string{"SCP-26"},
			Why: "The list is made by each service for itself, and this is the one of the tokens.",
			Change: func(s *mutation.Server) {
				filtersMethods(s, func(method string) bool { return strings.Contains(method, "/tokens") })
			},
		},
		{
			Name: "scoped/wildcard-one-segment", Breaks: []string{"SCP-27"},
			Why: "The star is read as in a shell.",
			Change: func(s *mutation.Server) {
				rejects(s, resources, http.StatusForbidden, func(g *granted, r *http.Request) bool {
					return starred(g) && strings.Count(r.URL.Path, "/") != 4
				})
			},
		},
		{
			Name: "scoped/wildcard-everywhere", Breaks: []string{"SCP-27"},
			Why: "The star ends the comparison, and with it the scope.",
			Change: allows(func(text, method, _ string) bool {
				return strings.HasPrefix(text, method+" ") && strings.HasSuffix(text, "/*")
			}),
		},
		{
			Name: "scoped/letter-case-ignored", Breaks: []string{"SCP-28"},
			Why: "The router ignores letter case, and the list of guarded paths does not.", Change: routesAs(strings.ToLower),
		},
		{
			Name: "scoped/slashes-forgiven", Breaks: []string{"SCP-28"},
			Why: "The router ignores extra slashes, and the list of guarded paths does not.",
			Change: routesAs(func(escaped string) string {
				for strings.Contains(escaped, "//") {
					escaped = strings.ReplaceAll(escaped, "//", "/")
				}
				return strings.TrimSuffix(escaped, "/")
			}),
		},
		{
			Name: "scoped/dots-resolved", Breaks: []string{"SCP-28"},
			Why: "The proxy passes a path on as it came, and the server behind it resolves the dots.", Change: routesAs(path.Clean),
		},
		{
			Name: "scoped/dots-deleted", Breaks: []string{"SCP-28"},
			Why: "Against steps up the router deletes the dots, after the scopes were compared.",
			Change: routesAs(func(escaped string) string {
				return strings.ReplaceAll(escaped, "/..", "")
			}),
		},
		{
			Name: "scoped/path-decoded-late", Breaks: []string{"SCP-28"},
			Why: "Scopes are compared with the path as it came, and the router decodes it.",
			Change: routesAs(func(escaped string) string {
				return path.Clean(decoded(escaped))
			}),
		},
		{
			Name: "scoped/path-decoded-twice", Breaks: []string{"SCP-28"},
			Why: "Proxy and router both decode the path.",
			Change: routesAs(func(escaped string) string {
				return path.Clean(decoded(decoded(escaped)))
			}),
		},
		{
			Name: "scoped/alg-none", Breaks: []string{"SCP-30"},
			Why:    "The library reads the algorithm from the token, and none is one.",
			Change: believes(func(_ *ledger, token string) bool { return mutation.IsAlg(token, "none") }),
		},
		{
			Name: "scoped/payload-unverified", Breaks: []string{"SCP-06", "SCP-30"},
			Why: "The signature is looked up among those that were given out, and the claims are believed.",
			Change: believes(func(l *ledger, token string) bool {
				return !mutation.IsAlg(token, "none") && l.has(func(known string) bool { return mutation.Signature(known) == mutation.Signature(token) })
			}),
		},
		{
			Name: "scoped/signature-unverified", Breaks: []string{"SCP-06", "SCP-30"},
			Why: "The token is decoded, and the call that verifies it was left out.",
			Change: believes(func(l *ledger, token string) bool {
				return l.has(func(known string) bool {
					return strings.HasPrefix(token, strings.TrimSuffix(known, mutation.Signature(known)))
				})
			}),
		},
		{
			Name: "scoped/known-key", Breaks: []string{"SCP-30"},
			Why: "The key of the examples was never changed.",
			Change: believes(func(_ *ledger, token string) bool {
				mac := hmac.New(sha256.New, []byte("secret"))
				mac.Write([]byte(strings.TrimSuffix(token, "."+mutation.Signature(token))))
				return mutation.IsAlg(token, "HS256") && mutation.Signature(token) == base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
			}),
		},
		{
			Name: "scoped/rights-unchecked", Breaks: []string{"SCP-33"},
			Why: "The scopes of a token are checked, the rights of its owner are not.",
			Change: func(s *mutation.Server) {
				for i := range s.Accounts {
					s.Accounts[i].Rights = []string{"*"}
				}
			},
		},
		{
			Name: "scoped/no-right-is-404", Breaks: []string{"SCP-33"},
			Why: "What users may not see does not exist for them.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnAnswer(withBearer, func(a *mutation.Reply) {
					l.with(mutation.Bearer(a.Request), func(g *granted) {
						if g != nil && g.scopes == nil {
							a.Becomes(http.StatusForbidden, http.StatusNotFound)
						}
					})
				})
			},
		},
	}
}
