package grant

import (
	"context"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
)

// A form token is hex: the id of its grant, then random digits, 192 bits.
const (
	formIDLength    = 24
	formSecretBytes = 24
	formTokenLength = formIDLength + 2*formSecretBytes
)

// FormToken is the result of a form login and of an extension.
type FormToken struct {
	Token string
	Login string
	// ValidTo is the end, in whole seconds.
	ValidTo time.Time
}

// IssueForm issues a token for 24 hours, or 30 days when long (FRM-01 to
// FRM-03).
func (s *Service) IssueForm(ctx context.Context, subject Subject, long bool) (FormToken, error) {
	id, err := s.datedID()
	if err != nil {
		return FormToken{}, err
	}
	secret, err := s.draw(formSecretBytes)
	if err != nil {
		return FormToken{}, err
	}
	token := id + secret
	now := s.now()
	ends := s.formEnd(now, long)
	r := &record{Login: subject.Login, Epoch: subject.Epoch, Issued: now.UnixMilli()}
	r.Tokens = appendToken(nil, liveToken{Digest: digest(token), Ends: ends.UnixMilli()})
	issued := FormToken{Token: token, Login: subject.Login, ValidTo: ends}
	return issued, s.create(ctx, kindForm, id, r)
}

func (s *Service) formEnd(now time.Time, long bool) time.Time {
	life := s.lives.FormShort
	if long {
		life = s.lives.FormLong
	}
	return now.Add(life).Truncate(time.Second)
}

// CheckForm checks a token (FRM-05, FRM-06, FRM-16). Errors wrap [ErrInvalid]
// or [store.ErrUnavailable].
func (s *Service) CheckForm(ctx context.Context, token string) (Grant, error) {
	if len(token) != formTokenLength {
		return Grant{}, ErrInvalid
	}
	return s.check(ctx, kindForm, token[:formIDLength], token)
}

// ExtendForm gives a live token a new end, counted from now. The token remains
// the same (FRM-11 to FRM-13). Errors wrap [ErrInvalid] or
// [store.ErrUnavailable].
func (s *Service) ExtendForm(ctx context.Context, token string, long bool) (FormToken, error) {
	if len(token) != formTokenLength {
		return FormToken{}, ErrInvalid
	}
	var ends time.Time
	r, err := s.change(ctx, kindForm, token[:formIDLength], func(r *record) error {
		now := s.now()
		one, err := r.live(now, token)
		if err != nil {
			return err
		}
		ends = s.formEnd(now, long)
		one.Ends = ends.UnixMilli()
		r.Tokens, r.Renewed = appendToken(nil, one), now.UnixMilli()
		return nil
	})
	if err == nil {
		s.record(ctx, audit.Renewed, kindForm, token[:formIDLength], r.Login)
	}
	return FormToken{Token: token, Login: r.Login, ValidTo: ends}, err
}

// DeleteForm ends a live token (FRM-14, FRM-15). Errors wrap [ErrInvalid] or
// [store.ErrUnavailable].
func (s *Service) DeleteForm(ctx context.Context, token string) error {
	g, err := s.CheckForm(ctx, token)
	if err != nil {
		return err
	}
	return s.end(ctx, kindForm, g.ID, g.Login, ErrInvalid)
}
