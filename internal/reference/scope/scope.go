// Package scope decides what a list of scopes or rights allows. Another reading of
// the grammar is another [Matcher]. Package wire holds the grammar itself.
package scope

import (
	"slices"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// Everything is the right to every request. It is not a scope: a token without
// scopes allows all that its owner may do.
const Everything = "*"

// Matcher reads scopes such as "GET /objects/:id". Implementations are safe for
// concurrent use.
type Matcher interface {
	// Check returns an error that names the first text that is not a scope.
	Check(scopes []string) error
	// Allows says whether one of the scopes allows the request. The path is
	// url.URL.EscapedPath.
	Allows(scopes []string, method, escapedPath string) bool
	// Covers says whether scopes allow everything that asked allows (SCP-18).
	Covers(scopes, asked []string) bool
}

// Grammar is the [Matcher] of the documented grammar (SCP-08 to SCP-11, SCP-27,
// SCP-28): see [wire.ParseScope]. Scopes that do not parse allow nothing.
type Grammar struct{}

var _ Matcher = Grammar{}

// Check implements [Matcher].
func (Grammar) Check(scopes []string) error {
	_, err := wire.ParseScopes(scopes)
	return err
}

// Allows implements [Matcher].
func (Grammar) Allows(scopes []string, method, escapedPath string) bool {
	return slices.ContainsFunc(scopes, func(text string) bool {
		s, err := wire.ParseScope(text)
		return err == nil && s.Allows(method, escapedPath)
	})
}

// Covers implements [Matcher].
func (Grammar) Covers(scopes, asked []string) bool {
	have, err := wire.ParseScopes(scopes)
	if err != nil {
		return false
	}
	want, err := wire.ParseScopes(asked)
	return err == nil && have.Covers(want)
}

// Rights are what an account or an API key may do: scopes, or [Everything].
type Rights []string

// Check returns an error that names the first text that is not a right.
func (r Rights) Check(m Matcher) error {
	return m.Check(slices.DeleteFunc(slices.Clone(r), func(s string) bool { return s == Everything }))
}

// Allow says whether the rights allow the request. An empty list allows nothing.
func (r Rights) Allow(m Matcher, method, escapedPath string) bool {
	return slices.Contains(r, Everything) || m.Allows(r, method, escapedPath)
}
