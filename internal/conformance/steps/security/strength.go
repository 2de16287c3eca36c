package security

import (
	"context"
	"fmt"
	"math"

	"github.com/dragoman-auth/dragoman/internal/conformance/dialect"
	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/shared"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// registerStrength binds the steps of SEC-01.
func (s *steps) registerStrength() {
	s.Step(`^(\d+) logins are made$`, s.loginsAreMade)
	s.Step(`^all their tokens differ$`, s.allTokensDiffer)
	s.Step(`^their tokens share no beginning of more than (\d+) characters$`, s.tokensShareNoBeginning)
	s.Step(`^at least (\d+) bits of their tokens vary$`, s.bitsVary)
}

func (s *steps) loginsAreMade(ctx context.Context, n int) error {
	type outcome struct {
		answer *exchange.Answer
		grant  *dialect.Grant
		err    error
	}
	const width = 4
	for i, o := range shared.SeveralAtATime(n, width, func(int) outcome {
		answer, grant, err := s.logIn(ctx, s.Dialect.Full())
		return outcome{answer, grant, err}
	}) {
		if o.err != nil {
			return fmt.Errorf("login %d of %d: %w", i+1, n, o.err)
		}
		s.Last, s.grants = o.answer, append(s.grants, o.grant)
	}
	return nil
}

// unguessable are the parts that have to be unguessable, of the access tokens of
// many grants and, where there are any, of their refresh tokens.
func (s *steps) unguessable() map[string][]string {
	kinds := map[string][]string{}
	for _, g := range s.grants {
		kinds["access tokens"] = append(kinds["access tokens"], tokens.Unguessable(g.Access))
		if g.Refresh != "" {
			kinds["refresh tokens"] = append(kinds["refresh tokens"], tokens.Unguessable(g.Refresh))
		}
	}
	return kinds
}

func (s *steps) allTokensDiffer() error {
	seen := map[string]int{}
	for _, g := range s.grants {
		for _, token := range []string{g.Access, g.Refresh} {
			if token == "" {
				continue
			}
			if seen[token]++; seen[token] > 1 {
				return fmt.Errorf("expected all tokens to differ, got %s more than once", exchange.Shown(token))
			}
		}
	}
	return nil
}

// tokensShareNoBeginning allows for a label or a time stamp in front: tokens that begin
// with a UUID of version 7 have 21 characters in common, in base64, if drawn at once.
func (s *steps) tokensShareNoBeginning(most int) error {
	for kind, drawn := range exchange.ByName(s.unguessable()) {
		beginning := drawn[0]
		for _, text := range drawn[1:] {
			beginning = sharedBeginning(beginning, text)
		}
		if len(beginning) > most {
			return fmt.Errorf("expected the %s to share at most %d characters at their beginning, got %d: %s",
				kind, most, len(beginning), exchange.Shown(beginning))
		}
	}
	return nil
}

func sharedBeginning(one, other string) string {
	for i := range min(len(one), len(other)) {
		if one[i] != other[i] {
			return one[:i]
		}
	}
	return one[:min(len(one), len(other))]
}

// bitsVary estimates how many bits vary from token to token. Two bits are
// allowed for chance, as the estimate is drawn from a sample.
func (s *steps) bitsVary(least int) error {
	const chance = 2
	for kind, drawn := range exchange.ByName(s.unguessable()) {
		if bits := varyingBits(drawn); bits < float64(least-chance) {
			return fmt.Errorf("expected at least %d bits to vary among %d %s, got about %.0f", least, len(drawn), kind, bits)
		}
	}
	return nil
}

// varyingBits sums up the entropy of each character position over all texts,
// with the correction of Miller and Madow for small samples. It is an upper
// bound on what a guesser faces: positions that depend on each other count
// twice.
func varyingBits(texts []string) float64 {
	longest := 0
	for _, text := range texts {
		longest = max(longest, len(text))
	}
	samples, bits := float64(len(texts)), 0.0
	for position := range longest {
		counts := map[byte]float64{}
		for _, text := range texts {
			if position < len(text) {
				counts[text[position]]++
			} else {
				counts[0]++
			}
		}
		if len(counts) < 2 {
			continue
		}
		for _, count := range counts {
			bits -= count / samples * math.Log2(count/samples)
		}
		bits += float64(len(counts)-1) / (2 * samples * math.Ln2)
	}
	return bits
}
