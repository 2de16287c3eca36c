package scope_test

import (
	"errors"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

func TestNoRightsAllowNothing(t *testing.T) {
	t.Parallel()
	for _, rights := range []scope.Rights{nil, {}, {"nonsense"}, {""}} {
		if rights.Allow(scope.Grammar{}, "GET", "/users") {
			t.Errorf("the rights %q allow GET /users", rights)
		}
	}
}

func TestCheckNamesTheOffender(t *testing.T) {
	t.Parallel()
	if err := (scope.Rights{"*", "GET /users"}).Check(scope.Grammar{}); err != nil {
		t.Errorf("good rights: %v", err)
	}
	if err := (scope.Rights{"GET /users", "users"}).Check(scope.Grammar{}); !errors.Is(err, wire.ErrScope) {
		t.Errorf("bad rights: the error is %v, want wire.ErrScope", err)
	}
	// "*" is a right, not a scope.
	if err := (scope.Grammar{}).Check([]string{"*"}); !errors.Is(err, wire.ErrScope) {
		t.Errorf(`the scope "*": the error is %v, want wire.ErrScope`, err)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have, asked []string
		want        bool
	}{
		{[]string{"GET /objects/:id"}, []string{"GET /objects/42"}, true},
		{[]string{"GET /objects/42"}, []string{"GET /objects/:id"}, false},
		{[]string{"GET /objects/*"}, []string{"GET /objects", "GET /objects/:id/packets"}, true},
		{[]string{"GET /objects"}, []string{"POST /objects"}, false},
		{[]string{"GET /objects"}, []string{"GET /objects", "GET /geofences"}, false},
		{[]string{"nonsense"}, []string{"nonsense"}, false},
	} {
		if got := (scope.Grammar{}).Covers(c.have, c.asked); got != c.want {
			t.Errorf("Covers(%q, %q) is %v, want %v", c.have, c.asked, got, c.want)
		}
	}
}
