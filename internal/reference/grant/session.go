package grant

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// refreshState is the state of a session. Its pairs of tokens are numbered. A pair
// is computed from id, number and end alone, so that the server can answer with
// the same pair again after a lost reply, without storing it.
type refreshState struct {
	// Counter is the number of the current pair, from 0.
	Counter uint64
	// Made is when the current pair was made, and Ends when its refresh token
	// ends.
	Made int64
	Ends int64
	// AccessEnds is when the current access token ends.
	AccessEnds int64
	// Used says that a token of the current pair was used, which proves that the
	// reply has arrived: from then on the use of the previous pair is a replay.
	Used bool
	// Key is the id of the key that the current pair was made with.
	Key string
}

// Client is the client that opened a session (SES-18).
type Client struct {
	// Address is the IP address, Agent the User-Agent header, both at the time
	// of the login.
	Address, Agent string
}

// maxAgent bounds the stored user agent, in bytes.
const maxAgent = 256

// Pair is the result of a session login and of a refresh.
type Pair struct {
	Access, Refresh string
	// ExpiresIn is how long the access token lives from now.
	ExpiresIn time.Duration
}

// OpenSession starts a session and returns its first tokens (SES-01).
func (s *Service) OpenSession(ctx context.Context, subject Subject, client Client) (Pair, error) {
	id, err := s.datedUUID()
	if err != nil {
		return Pair{}, err
	}
	key, err := s.signingMAC(ctx)
	if err != nil {
		return Pair{}, err
	}
	now := s.now()
	agent := strings.ToValidUTF8(client.Agent[:min(len(client.Agent), maxAgent)], "")
	r := &record{
		Login: subject.Login, Epoch: subject.Epoch, Addr: client.Address, Agent: agent,
		Issued: now.UnixMilli(), Refresh: &refreshState{},
	}
	pair := s.makePair(id, r, key, now)
	return pair, s.create(ctx, kindSession, id, r)
}

// makePair issues the tokens of the record's counter.
func (s *Service) makePair(id string, r *record, key *macKey, now time.Time) Pair {
	total := time.UnixMilli(r.Issued).Add(s.lives.SessionTotal)
	r.Refresh.Made = now.UnixMilli()
	r.Refresh.Ends = earlier(now.Add(s.lives.SessionIdle), total).UnixMilli()
	r.Refresh.AccessEnds = earlier(now.Add(s.lives.SessionAccess), total).UnixMilli()
	r.Refresh.Used = false
	r.Refresh.Key = key.id
	return currentPair(id, r, key, now)
}

// currentPair computes the tokens of the record's current counter.
func currentPair(id string, r *record, key *macKey, now time.Time) Pair {
	state := r.Refresh
	return Pair{
		Access:    key.sessionToken(sessionClaims{id, purposeAccess, state.Counter, state.AccessEnds}),
		Refresh:   key.sessionToken(sessionClaims{id, purposeRefresh, state.Counter, state.Ends}),
		ExpiresIn: time.UnixMilli(state.AccessEnds).Sub(now),
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// CheckSession checks an access token (SES-04, SES-05, SES-09). A token of an
// earlier pair keeps its own end, so what a check costs does not depend on how often
// the session was refreshed. Errors wrap [ErrInvalid] or [store.ErrUnavailable].
func (s *Service) CheckSession(ctx context.Context, access string) (Grant, error) {
	claims, err := s.readSessionToken(ctx, access, purposeAccess)
	if err != nil {
		return Grant{}, err
	}
	r, err := s.load(ctx, kindSession, claims.id)
	if err != nil {
		return Grant{}, err
	}
	switch {
	case claims.counter > r.Refresh.Counter: // of a store that was restored from an older backup
		return Grant{}, ErrInvalid
	case s.now().UnixMilli() >= claims.ends:
		return Grant{}, ErrExpired
	}
	g := r.grant(claims.id, time.UnixMilli(claims.ends).UTC())
	if claims.counter > 0 && claims.counter == r.Refresh.Counter && !r.Refresh.Used {
		return g, s.markUsed(ctx, claims.id, claims.counter)
	}
	return g, nil
}

// markUsed records that the client has the pair with this counter. Where a power
// failure undoes that, the client may repeat its refresh once more.
func (s *Service) markUsed(ctx context.Context, id string, counter uint64) error {
	_, err := s.change(store.Relaxed(ctx), kindSession, id, func(r *record) error {
		if r.Refresh.Counter != counter || r.Refresh.Used {
			return store.ErrUnchanged
		}
		r.Refresh.Used = true
		return nil
	})
	return err
}

// RefreshSession issues new tokens for a refresh token and a bearer, which may have
// expired but must belong to the same session (SES-08, SES-16). The previous
// access token keeps its own end.
//
// A refresh token that was used before is answered with the identical tokens
// when its first use is within the grace and none of those tokens was used
// since: the reply may have been lost, or the database may have committed late, or several requests ran at once. Once the access token among them has
// ended, both are made anew. In every other case it is a replay: the whole session
// ends, and the error is [ErrReplayed] (SES-13, SES-14). Errors wrap [ErrInvalid] or
// [store.ErrUnavailable]; all but a replay leave the session as it is.
func (s *Service) RefreshSession(ctx context.Context, refresh, bearer string) (Pair, error) {
	claims, err := s.readSessionToken(ctx, refresh, purposeRefresh)
	if err != nil {
		return Pair{}, err
	}
	beside, err := s.readSessionToken(ctx, bearer, purposeAccess)
	if errors.Is(err, ErrInvalid) || err == nil && beside.id != claims.id {
		return Pair{}, ErrBearer
	}
	if err != nil {
		return Pair{}, err
	}
	key, err := s.signingMAC(ctx)
	if err != nil {
		return Pair{}, err
	}
	var pair Pair
	var login string
	_, err = s.change(ctx, kindSession, claims.id, func(r *record) (err error) {
		login = r.Login
		pair, err = s.successor(ctx, claims, r, key)
		return err
	})
	switch {
	case err == nil:
		s.record(ctx, audit.Renewed, kindSession, claims.id, login)
	case errors.Is(err, ErrReplayed):
		s.record(ctx, audit.Replayed, kindSession, claims.id, login)
		if endErr := s.end(ctx, kindSession, claims.id, login, nil); endErr != nil {
			return Pair{}, endErr
		}
	}
	return pair, err
}

// successor returns the pair that follows the refresh token with these claims, and
// makes it where that is to be done. The error is [store.ErrUnchanged] where the record
// has it already.
func (s *Service) successor(ctx context.Context, claims sessionClaims, r *record, key *macKey) (Pair, error) {
	now, state := s.now(), r.Refresh
	switch {
	case now.UnixMilli() >= state.Ends:
		return Pair{}, ErrExpired
	case claims.counter == state.Counter:
		state.Counter++
		return s.makePair(claims.id, r, key, now), nil
	case claims.counter+1 != state.Counter || state.Used || now.Sub(time.UnixMilli(state.Made)) > s.lives.RefreshGrace:
		return Pair{}, ErrReplayed
	case now.UnixMilli() >= state.AccessEnds: // the pair was never used, and its access token has ended
		return s.makePair(claims.id, r, key, now), nil
	}
	made, err := s.oldMAC(ctx, state.Key)
	if err != nil {
		return Pair{}, err
	}
	return currentPair(claims.id, r, made, now), store.ErrUnchanged
}

// Sessions returns at most limit live sessions of a user whose ids are above after, the
// oldest first, and whether more follow.
func (s *Service) Sessions(ctx context.Context, login, after string, limit int) (page []Grant, more bool, err error) {
	return s.page(ctx, kindSession, login, after, limit)
}

// Session returns one of a user's live sessions, or [ErrNotFound].
func (s *Service) Session(ctx context.Context, login, id string) (Grant, error) {
	return s.owned(ctx, kindSession, login, id)
}

// EndSession ends one of a user's sessions with all its tokens (SES-20), or
// returns [ErrNotFound].
func (s *Service) EndSession(ctx context.Context, login, id string) error {
	return s.revoke(ctx, kindSession, login, id)
}
