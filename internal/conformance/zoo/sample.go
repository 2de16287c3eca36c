package zoo

import (
	"slices"

	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
)

// sample leaves each mutant the rows that it breaks and one in every of the others, by
// turns, so that each row still judges servers of its dialect that do not break it. Where
// the suite cannot be read they keep all rows, and each trial says why.
func sample(servers []entry, every int) {
	suite, err := catalogue.Load(features.FS)
	if err != nil {
		return
	}
	for i := range servers {
		e := &servers[i]
		if e.kind != KindMutant {
			continue
		}
		for j := range suite.Requirements {
			row := &suite.Requirements[j]
			if slices.Contains(e.dialects, row.Dialect) && ((i+j)%every == 0 || slices.Contains(e.breaks, row.ID)) {
				e.only = append(e.only, row.ID)
			}
		}
	}
}
