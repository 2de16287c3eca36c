package grant

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
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
	id, err := s.uuid()
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

// makePair issues the tokens of the current counter and adds them to the record.
func (s *Service) makePair(id string, r *record, key macKey, now time.Time) Pair {
	total := time.UnixMilli(r.Issued).Add(s.lives.SessionTotal)
	r.Refresh.Made = now.UnixMilli()
	r.Refresh.Ends = earlier(now.Add(s.lives.SessionIdle), total).UnixMilli()
	r.Refresh.AccessEnds = earlier(now.Add(s.lives.SessionAccess), total).UnixMilli()
	r.Refresh.Used = false
	r.Refresh.Key = key.id
	pair := currentPair(id, r, key, now)
	r.add(now, liveToken{Digest: digest(pair.Access), Ends: r.Refresh.AccessEnds, Counter: r.Refresh.Counter})
	return pair
}

// currentPair computes the tokens of the record's current counter.
func currentPair(id string, r *record, key macKey, now time.Time) Pair {
	state := r.Refresh
	return Pair{
		Access:    key.sessionToken(id, purposeAccess, state.Counter, state.AccessEnds),
		Refresh:   key.sessionToken(id, purposeRefresh, state.Counter, state.Ends),
		ExpiresIn: time.UnixMilli(state.AccessEnds).Sub(now),
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// CheckSession checks an access token (SES-04, SES-05, SES-09). Errors wrap
// [ErrInvalid] or [store.ErrUnavailable].
func (s *Service) CheckSession(ctx context.Context, access string) (Grant, error) {
	id, ok := sessionID(access)
	if !ok {
		return Grant{}, ErrInvalid
	}
	g, r, token, err := s.check(ctx, kindSession, id, access)
	if err != nil {
		return Grant{}, err
	}
	if token.Counter > 0 && token.Counter == r.Refresh.Counter && !r.Refresh.Used {
		return g, s.markUsed(ctx, id, token.Counter)
	}
	return g, nil
}

// markUsed records that the client has the pair with this counter.
func (s *Service) markUsed(ctx context.Context, id string, counter uint64) error {
	_, err := s.change(ctx, kindSession, id, func(r *record) error {
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
// since: the reply may have been lost, or several requests ran at once. In every
// other case it is a replay: the whole session ends, and the error is
// [ErrReplayed] (SES-13, SES-14). Errors wrap [ErrInvalid] or
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
	_, err = s.change(ctx, kindSession, claims.id, func(r *record) error {
		now := s.now()
		login = r.Login
		state := r.Refresh
		sinceMade := now.Sub(time.UnixMilli(state.Made))
		switch {
		case now.UnixMilli() >= state.Ends:
			return ErrExpired
		case claims.counter == state.Counter:
			state.Counter++
			pair = s.makePair(claims.id, r, key, now)
			return nil
		case claims.counter+1 == state.Counter && !state.Used && sinceMade <= s.lives.RefreshGrace:
			made, err := s.oldMAC(ctx, state.Key)
			if err != nil {
				return err
			}
			pair = currentPair(claims.id, r, made, now)
			return store.ErrUnchanged
		default:
			return ErrReplayed
		}
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

// Sessions lists a user's live sessions, oldest first.
func (s *Service) Sessions(ctx context.Context, login string) ([]Grant, error) {
	return s.list(ctx, kindSession, login)
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

// The purposes of session tokens. One is never accepted as the other (SES-15).
const (
	purposeAccess  = "access"
	purposeRefresh = "refresh"
)

// sessionEnvelope is the head of a session token. Its layout is that of the
// documented tokens: the id has a fixed position.
type sessionEnvelope struct {
	Rails struct {
		Data    string `json:"data"`
		Exp     string `json:"exp"`
		Purpose string `json:"pur"`
	} `json:"_rails"`
}

const (
	envelopeLead = `{"_rails":{"data":"`
	uuidLength   = 36
	macMark      = "--"
)

// sessionToken makes a token: the envelope in base64, and its HMAC-SHA256 in
// hex.
func (k macKey) sessionToken(id, purpose string, counter uint64, ends int64) string {
	exp := time.UnixMilli(ends).UTC().Format("2006-01-02T15:04:05.000Z")
	envelope := fmt.Sprintf(envelopeLead+`%s","exp":%q,"pur":"%s/%d/%s"}}`, id, exp, purpose, counter, k.id)
	head := base64.RawURLEncoding.EncodeToString([]byte(envelope))
	return head + macMark + k.sessionMAC(head)
}

func (k macKey) sessionMAC(head string) string { return hex.EncodeToString(derive(k.key, head)) }

// sessionID reads the id from a token and checks nothing else: the digest in the
// record covers the whole token.
func sessionID(token string) (string, bool) {
	const idEnd = len(envelopeLead) + uuidLength
	const encoded = (idEnd + 2) / 3 * 4 // whole groups of four characters
	if len(token) < encoded {
		return "", false
	}
	var source, decoded [encoded]byte // saves two allocations
	envelope, err := base64.RawURLEncoding.AppendDecode(decoded[:0], append(source[:0], token[:encoded]...))
	if err != nil || string(envelope[:len(envelopeLead)]) != envelopeLead {
		return "", false
	}
	return string(envelope[len(envelopeLead):idEnd]), true
}

type sessionClaims struct {
	id      string
	counter uint64
}

// readSessionToken reads and authenticates a token, expired or not. Errors wrap
// [ErrInvalid] or [store.ErrUnavailable].
func (s *Service) readSessionToken(ctx context.Context, token, purpose string) (sessionClaims, error) {
	head, mac, _ := strings.Cut(token, macMark)
	body, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return sessionClaims{}, ErrInvalid
	}
	var envelope sessionEnvelope
	if json.Unmarshal(body, &envelope) != nil {
		return sessionClaims{}, ErrInvalid
	}
	is, rest, _ := strings.Cut(envelope.Rails.Purpose, "/")
	number, keyID, _ := strings.Cut(rest, "/")
	counter, err := strconv.ParseUint(number, 10, 64)
	if is != purpose || err != nil {
		return sessionClaims{}, ErrInvalid
	}
	// Nothing above is authenticated yet; it only names the key.
	key, err := s.oldMAC(ctx, keyID)
	if errors.Is(err, keyring.ErrUnknown) {
		return sessionClaims{}, ErrInvalid
	}
	if err != nil {
		return sessionClaims{}, err
	}
	// Compared as text: a byte has two spellings in hex, a token only one.
	if !hmac.Equal([]byte(mac), []byte(key.sessionMAC(head))) {
		return sessionClaims{}, ErrInvalid
	}
	return sessionClaims{id: envelope.Rails.Data, counter: counter}, nil
}
