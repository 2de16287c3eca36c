package grant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Kinds are the kinds of the records of all grants.
func Kinds() []store.Kind { return []store.Kind{kindSession, kindForm, kindRPC, kindScoped} }

// Owned is a grant of any dialect, as an operator sees it.
type Owned struct {
	Dialect string
	Grant
}

// Owned lists all live grants of an account: by dialect, then oldest first. Errors
// wrap [store.ErrUnavailable].
func (s *Service) Owned(ctx context.Context, login string) ([]Owned, error) {
	var owned []Owned
	for _, kind := range Kinds() {
		grants, err := s.list(ctx, kind, login)
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			owned = append(owned, Owned{string(kind), g})
		}
	}
	return owned, nil
}

// OwnedPage lists at most limit live grants of an account, from 1, by dialect and id.
// It begins behind a place: "" is before the first, and next is where the next page
// begins, "" where there is none. A place that it cannot read is before the first.
// Errors wrap [store.ErrUnavailable].
func (s *Service) OwnedPage(ctx context.Context, login, place string, limit int) (owned []Owned, next string, err error) {
	dialect, after, _ := strings.Cut(place, "/")
	kinds := Kinds()
	first := slices.Index(kinds, store.Kind(dialect))
	if first < 0 {
		first, after = 0, ""
	}
	for _, kind := range kinds[first:] {
		grants, more, err := s.page(ctx, kind, login, after, limit-len(owned))
		if err != nil {
			return nil, "", err
		}
		for _, g := range grants {
			owned, after = append(owned, Owned{string(kind), g}), g.ID
		}
		if more {
			return owned, string(kind) + "/" + after, nil
		}
		after = ""
	}
	return owned, "", nil
}

// maxPerAccount is the default of [Config.PerAccount].
const maxPerAccount = 10_000

// endOldest ends the oldest grants of an account that has too many: ids begin with the
// time, so these are the first by their ids. It reads the records that it ends, and more
// only where some have expired. What fails is done at a later login.
func (s *Service) endOldest(ctx context.Context, kind store.Kind, login string) {
	now := s.now()
	count, err := store.Count(ctx, s.store, kind, login, now)
	if err != nil {
		return
	}
	surplus, from := count-s.most, ""
	for step := min(surplus, pageStep); surplus > 0; step = pageStep {
		oldest, err := store.Page(ctx, s.store, kind, login, from, step)
		if err != nil || len(oldest) == 0 {
			return
		}
		for _, one := range oldest {
			if surplus > 0 && !one.ExpiredAt(now) { // the others are not counted, and swept soon
				_ = s.end(ctx, kind, one.Key, login, nil)
				surplus--
			}
		}
		from = store.After(oldest[len(oldest)-1].Key)
	}
}

// EndOwned ends one live grant of an account, whatever its dialect. Errors are
// [ErrNotFound], or wrap [store.ErrUnavailable].
func (s *Service) EndOwned(ctx context.Context, login, id string) error {
	for _, kind := range Kinds() {
		if err := s.revoke(ctx, kind, login, id); !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return ErrNotFound
}

// RemoveOwned removes all grants of an account, also those that have ended. A login
// that is being answered meanwhile may add one: raise the account's epoch first.
// Errors wrap [store.ErrUnavailable].
func (s *Service) RemoveOwned(ctx context.Context, login string) error {
	for _, kind := range Kinds() {
		stored, err := s.store.List(ctx, kind, login)
		if err != nil {
			return store.Unavailable(err)
		}
		for _, one := range stored {
			if err := s.end(ctx, kind, one.Key, login, nil); err != nil {
				return fmt.Errorf("remove the grants of %q: %w", login, err)
			}
		}
	}
	return nil
}
