package security

import (
	"crypto/rand"
	"fmt"
	"sync/atomic"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// guessable are mistakes in how tokens are drawn.
func guessable(e Endpoints) []mutation.Mutant {
	weak := []string{"SEC-01"}
	return []mutation.Mutant{
		{
			Name: "tokens-count-up", Breaks: weak,
			Why: "A token is the number of a row, with zeros in front.", Change: e.DrawTokens(countUp()),
		},
		{
			Name: "tokens-share-a-prefix", Breaks: weak,
			Why: "The names of machine and program stand before what is drawn.", Change: e.DrawTokens(behind("back-office-production-7-")),
		},
	}
}

// countUp draws numbers in a row.
func countUp() func() string {
	var count atomic.Int64
	return func() string { return fmt.Sprintf("%012d", count.Add(1)) }
}

// behind draws something good, behind what is always the same.
func behind(front string) func() string {
	return func() string { return front + rand.Text() }
}
