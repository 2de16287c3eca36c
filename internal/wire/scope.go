package wire

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrScope is wrapped by every error of [ParseScope] and [ParseScopes].
var ErrScope = errors.New(`not a scope like "GET /objects/:id"`)

var (
	scopeLiteral = regexp.MustCompile(`^[A-Za-z0-9_~!$&'()+,;=@.-]+$`)
	scopeParam   = regexp.MustCompile(`^:[A-Za-z_][A-Za-z0-9_-]*$`)
	scopeMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
)

// Scope is a permission of a token in the scoped dialect: an HTTP method and a path
// pattern. In the pattern ":name" matches one segment of any value (SCP-10), and
// "*" as the last segment matches everything below, and the parent itself
// (SCP-27). The zero Scope allows nothing. Scopes are
// immutable and safe for concurrent use.
type Scope struct {
	method   string
	segments []string // literal, or ":name"; without the trailing "*"
	subtree  bool     // the pattern ended in "*"
}

// ParseScope reads "METHOD /path". The method is GET, HEAD, POST, PUT, PATCH
// or DELETE; the prefix /api/v1 before the path is optional and ignored
// (SCP-11).
func ParseScope(text string) (Scope, error) {
	fail := func(why string) (Scope, error) {
		return Scope{}, fmt.Errorf("parse scope %.80q: %s: %w", text, why, ErrScope)
	}
	method, path, found := strings.Cut(text, " ")
	if !found || !slices.Contains(scopeMethods, method) {
		return fail("it does not start with an HTTP method and one space")
	}
	if !strings.HasPrefix(path, "/") {
		return fail("its path does not start with /")
	}
	segments := strings.Split(withoutPrefix(path)[1:], "/")
	scope := Scope{method: method}
	if last := len(segments) - 1; segments[last] == "*" {
		scope.subtree = true
		segments = segments[:last]
	}
	for _, segment := range segments {
		literal := scopeLiteral.MatchString(segment) && segment != "." && segment != ".."
		if !literal && !scopeParam.MatchString(segment) {
			return fail(fmt.Sprintf("%.40q is neither a path segment nor :name", segment))
		}
	}
	scope.segments = segments
	return scope, nil
}

// withoutPrefix cuts [ScopedPrefix] off a path that starts with "/".
func withoutPrefix(path string) string {
	rest, found := strings.CutPrefix(path, ScopedPrefix)
	if found && strings.HasPrefix(rest, "/") {
		return rest
	}
	return path
}

// String writes the scope without the /api/v1 prefix, as "GET /objects/:id".
// The zero Scope is "".
func (s Scope) String() string {
	if s.method == "" {
		return ""
	}
	segments := s.segments
	if s.subtree {
		segments = append(slices.Clip(segments), "*")
	}
	path := "/" + strings.Join(segments, "/")
	if withoutPrefix(path) != path {
		path = ScopedPrefix + path // the path itself starts with the ignored prefix
	}
	return s.method + " " + path
}

// Allows says whether the scope allows a request with this method and path. The
// path is the request's escaped path (url.URL.EscapedPath), with or without
// /api/v1; it is not unescaped. A path with an empty segment, a dot
// segment or an encoded slash or dot is never allowed (SCP-28).
func (s Scope) Allows(method, escapedPath string) bool {
	if s.method == "" || method != s.method || !strings.HasPrefix(escapedPath, "/") {
		return false
	}
	segments := strings.Split(withoutPrefix(escapedPath)[1:], "/")
	return !slices.ContainsFunc(segments, ambiguousSegment) && s.matches(segments)
}

// matches compares segments one by one; subtree matches the rest.
func (s Scope) matches(segments []string) bool {
	if len(segments) < len(s.segments) || len(segments) > len(s.segments) && !s.subtree {
		return false
	}
	for i, pattern := range s.segments {
		if pattern[0] != ':' && pattern != segments[i] {
			return false
		}
	}
	return true
}

// ambiguousSegment says whether servers and proxies read a segment in different
// ways.
func ambiguousSegment(segment string) bool {
	lower := strings.ToLower(segment)
	return segment == "" || segment == "." || segment == ".." ||
		strings.Contains(lower, "%2f") || strings.Contains(lower, "%2e") || strings.Contains(lower, "%5c")
}

// Covers says whether every request that other allows is allowed by s too: the
// rule by which a token may issue another (SCP-18).
func (s Scope) Covers(other Scope) bool {
	if s.method == "" || s.method != other.method || other.subtree && !s.subtree {
		return false
	}
	if len(other.segments) < len(s.segments) || len(other.segments) > len(s.segments) && !s.subtree {
		return false
	}
	for i, pattern := range s.segments {
		if pattern[0] != ':' && pattern != other.segments[i] {
			return false
		}
	}
	return true
}

// Scopes is a list of scopes. It allows what one of them allows; the empty list
// allows nothing. Callers handle a token without scopes, which is not limited
// (SCP-12).
type Scopes []Scope

// ParseScopes reads a list of scopes. The error is about the first that does not
// parse.
func ParseScopes(texts []string) (Scopes, error) {
	scopes := make(Scopes, len(texts))
	for i, text := range texts {
		scope, err := ParseScope(text)
		if err != nil {
			return nil, err
		}
		scopes[i] = scope
	}
	return scopes, nil
}

// Covers says whether each of the other scopes is covered by one of l.
func (l Scopes) Covers(other Scopes) bool {
	return !slices.ContainsFunc(other, func(o Scope) bool {
		return !slices.ContainsFunc(l, func(s Scope) bool { return s.Covers(o) })
	})
}
