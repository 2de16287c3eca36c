package zoo

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// some are the dialects of a client that are judged: all where the zoo is judged whole, or
// one of them, by its place in the zoo. In all of them a broken client is judged by all
// rows in one dialect; in the others, and where it is judged in one alone, only by the
// rows that it breaks and by those that they depend on.
func some(dialects []string, place int) []string {
	if needs.Whole() {
		return dialects
	}
	return []string{dialects[place%len(dialects)]}
}

// judge judges a client in a bubble, where waiting costs no time.
func judge(t *testing.T, program clientsuite.Program, dialect string, only ...string) (r *report.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		r, err = clientsuite.Run(t.Context(), program, clientsuite.Options{Dialects: []string{dialect}, Only: only, Memory: true, Workers: 1, Crowd: 200})
		if err != nil {
			t.Fatal(err)
		}
	})
	return r
}

// rowsFor are the rows that a broken client is judged by; none means all.
func rowsFor(suite *catalogue.Catalogue, b Broken, dialect string, all bool) (ids []string) {
	if all {
		return nil
	}
	for i := range suite.Requirements {
		row := &suite.Requirements[i]
		if row.Dialect == dialect && (len(row.Provides) > 0 || slices.Contains(b.Breaks, row.ID)) {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// TestBrokenClients: each is failed by the rows that it breaks and by no other, and every
// row, every scenario and every step that judges fails some.
func TestBrokenClients(t *testing.T) {
	t.Parallel()
	suite, err := clientsuite.Suite()
	if err != nil {
		t.Fatal(err)
	}
	clients := BrokenClients()
	if len(clients) < 60 {
		t.Errorf("only %d clients are broken", len(clients))
	}
	killers := ledger{}
	var mu sync.Mutex
	t.Run("each", func(t *testing.T) {
		for i, b := range clients {
			for _, dialect := range some(b.dialects(), i) {
				t.Run(b.Name+"/"+dialect, func(t *testing.T) {
					t.Parallel()
					r := judge(t, b.Program(), dialect, rowsFor(suite, b, dialect, needs.Whole() && dialect == b.dialects()[i%len(b.dialects())])...)
					if err := killed(b, r); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					killers.note(r)
				})
			}
		}
	})
	for _, gap := range killers.gaps(suite, needs.Whole()) {
		t.Error(gap)
	}
}

// TestDifferentClients: whatever is right passes, in any style.
func TestDifferentClients(t *testing.T) {
	t.Parallel()
	clients := DifferentClients()
	if len(clients) < 12 {
		t.Errorf("only %d clients are different", len(clients))
	}
	for i, d := range clients {
		dialects := wire.Dialects()
		if d.Name != "sdk" && d.Name != "plain" {
			dialects = some(dialects, i)
		}
		for _, dialect := range dialects {
			t.Run(d.Name+"/"+dialect, func(t *testing.T) {
				t.Parallel()
				if err := passes(judge(t, d.Program, dialect)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestNames: every client has a name of its own and says why it is as it is.
func TestNames(t *testing.T) {
	t.Parallel()
	var names []string
	for _, b := range BrokenClients() {
		names = append(names, b.Name)
		if b.Why == "" || len(b.Breaks) == 0 {
			t.Errorf("%s says neither why it is wrong nor what it breaks", b.Name)
		}
	}
	for _, d := range DifferentClients() {
		names = append(names, d.Name)
		if d.Differs == "" {
			t.Errorf("%s does not say in what it is different", d.Name)
		}
	}
	slices.Sort(names)
	if unique := slices.Compact(slices.Clone(names)); len(unique) != len(names) {
		t.Errorf("a name stands twice: %v", names)
	}
}
