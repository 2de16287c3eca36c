package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
)

// A list or a count of an owner reads the records of that owner only, however many others there are.
func TestListsReadOneOwner(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "dragoman.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, query := range []string{ownedQuery, pageQuery, countQuery} {
		var id, parent, unused int
		var plan string
		arguments := []any{"token", []byte("ann"), []byte("a"), 10}[:strings.Count(query, "?")]
		if err := s.readers.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+query, arguments...).Scan(&id, &parent, &unused, &plan); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, "(kind=? AND owner=?") {
			t.Errorf("%s\nis read as %s", query, plan)
		}
	}
}
