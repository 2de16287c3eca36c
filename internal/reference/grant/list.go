package grant

import (
	"context"
	"slices"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// pageStep is how many records a page reads at once where many of them have ended.
const pageStep = 1000

// page returns the live grants of a user by id: at most limit of those above after, and
// whether there are more. It reads one record more than it returns, and more only where
// some have ended.
func (s *Service) page(ctx context.Context, kind store.Kind, login, after string, limit int) (page []Grant, more bool, err error) {
	from := ""
	if after != "" {
		from = store.After(after)
	}
	for step := limit + 1; ; step = max(step, pageStep) {
		stored, err := store.Page(ctx, s.store, kind, login, from, step)
		if err != nil {
			return nil, false, store.Unavailable(err)
		}
		live, err := s.live(ctx, stored)
		if err != nil {
			return nil, false, err
		}
		page = append(page, live...)
		switch {
		case len(page) > limit:
			return page[:limit], true, nil
		case len(stored) < step:
			return page, false, nil
		}
		from = store.After(stored[len(stored)-1].Key)
	}
}

// list returns the live grants of a user, oldest first.
func (s *Service) list(ctx context.Context, kind store.Kind, login string) ([]Grant, error) {
	stored, err := s.store.List(ctx, kind, login)
	if err != nil {
		return nil, store.Unavailable(err)
	}
	grants, err := s.live(ctx, stored)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(grants, func(a, b Grant) int { return a.IssuedAt.Compare(b.IssuedAt) })
	return grants, nil
}

// live returns the grants of records that have not ended.
func (s *Service) live(ctx context.Context, stored []store.Record) ([]Grant, error) {
	now := s.now()
	grants := make([]Grant, 0, len(stored))
	for _, one := range stored {
		r, err := decode(one.Value)
		if err != nil {
			return nil, err
		}
		current, err := s.accountUnchanged(ctx, &r)
		if err != nil {
			return nil, err
		}
		if ends := r.ends(); current && now.Before(ends) {
			grants = append(grants, r.grant(one.Key, ends))
		}
	}
	return grants, nil
}
