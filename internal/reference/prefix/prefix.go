// Package prefix serves dialects below path prefixes: /api/login for /login. What
// stands behind a prefix sees the documented paths.
package prefix

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Set has the prefix of each dialect that has one, as "/api" for "form".
type Set map[string]string

// Parse reads texts such as "form=/api".
func Parse(texts []string) (Set, error) {
	set := Set{}
	for _, text := range texts {
		dialect, prefix, found := strings.Cut(text, "=")
		if _, twice := set[dialect]; !found || twice {
			return nil, fmt.Errorf("%q: it is a dialect and its prefix, as form=/api, once for each dialect", text)
		}
		set[dialect] = prefix
	}
	return set, nil
}

// segments is a path that is written in one way only, without a slash at the end.
var segments = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// Check returns an error for a prefix that cannot work with the dialects that are
// served. The roots of a dialect are where its documented paths begin; the server
// has pages of its own below others.
func (s Set) Check(dialects []string, roots map[string][]string, pages []string) error {
	for _, dialect := range slices.Sorted(maps.Keys(s)) { // one input, one error
		prefix := s[dialect]
		switch {
		case !slices.Contains(dialects, dialect):
			return fmt.Errorf("prefix %q: the dialect %q is not served", prefix, dialect)
		case !segments.MatchString(prefix) || strings.Contains(prefix+"/", "/./") || strings.Contains(prefix+"/", "/../"):
			return fmt.Errorf("prefix %q of %q: it is a path as /api, of letters, digits and -._~, without a slash at its end", prefix, dialect)
		}
	}
	for _, dialect := range dialects {
		for _, root := range roots[dialect] {
			if err := s.free(s[dialect]+root, dialect, dialects, roots, pages); err != nil {
				return err
			}
		}
	}
	return nil
}

// free returns an error where a path of a dialect lies below one of another.
func (s Set) free(path, dialect string, dialects []string, roots map[string][]string, pages []string) error {
	for _, page := range pages {
		if strings.HasPrefix(path, page) {
			return fmt.Errorf("prefix %q of %q: the server has pages of its own at %s", s[dialect], dialect, page)
		}
	}
	for _, other := range dialects {
		for _, root := range roots[other] {
			if other != dialect && strings.HasPrefix(path, s[other]+root) {
				return fmt.Errorf("prefix %q of %q: %s lies below %s of %q", s[dialect], dialect, path, s[other]+root, other)
			}
		}
	}
	return nil
}

// All returns the prefixes, each once, longest first.
func (s Set) All() []string {
	var all []string
	for _, prefix := range s {
		all = append(all, prefix)
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(b, a) })
	return slices.Compact(all)
}

// Strip returns the request without the prefix, or nil where its path is not below
// it. The request itself is left as it is.
func Strip(r *http.Request, prefix string) *http.Request {
	if prefix == "" {
		return r
	}
	path, is := strings.CutPrefix(r.URL.Path, prefix)
	if !is || !strings.HasPrefix(r.URL.EscapedPath(), prefix+"/") {
		return nil
	}
	url := *r.URL
	url.Path, url.RawPath = path, strings.TrimPrefix(url.RawPath, prefix)
	stripped := *r
	stripped.URL = &url
	return &stripped
}

// Handler serves requests below the prefix as if it were not there.
func Handler(prefix string, next http.Handler) http.Handler {
	if prefix == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if stripped := Strip(r, prefix); stripped != nil {
			next.ServeHTTP(w, stripped)
			return
		}
		http.NotFound(w, r)
	})
}
