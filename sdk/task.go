package sdk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// task is the work of one flight: lock the store, use what is fresh in it, else
// note the intent, renew or log in, and save.
type task struct {
	c        *coordinator
	plan     flightPlan
	before   *activeToken // the client's latest token when the flight began
	rejected bool         // the server rejected it
	ended    Secret       // a token that was logged out
	flight   *flight
}

// storeTimeout bounds one operation of the store. A save must not be cut off with
// the flight.
const storeTimeout = 5 * time.Second

// run fetches a token. A store that fails costs a login where a renewal would
// spend something, and an event, unless the store is required.
func (t *task) run(ctx context.Context) (*activeToken, error) {
	unlock, err := t.c.lock(ctx)
	locked := err == nil
	if !locked {
		if err := t.storeFailed(ctx, "lock", err); err != nil {
			return nil, err
		}
		unlock = func() {}
	}
	defer unlock()
	const rereads = 3 // somebody may write without the lock, but hardly for ever
	for range rereads {
		record, err := t.c.load(ctx)
		readable := err == nil
		if !readable {
			if err := t.storeFailed(ctx, "load", err); err != nil {
				return nil, err
			}
			record = Record{}
		}
		if !t.ended.IsZero() && record.Token.Access.Equal(t.ended) {
			record = Record{Version: record.Version}
		}
		if t.adoptable(record) {
			return t.adopt(ctx, record), nil
		}
		t.preferOwn(&record)
		h, err := t.obtain(ctx, record, locked && readable)
		if !errors.Is(err, errReread) {
			return h, err
		}
	}
	return nil, t.c.storeError("save", ErrConflict)
}

// lock waits for the lock of the client's record. Who holds it may take as long as
// a flight; half of that is left for the login.
func (c *coordinator) lock(ctx context.Context) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout/2)
	defer cancel()
	return c.store.Lock(ctx, c.key)
}

// load reads the client's record.
func (c *coordinator) load(ctx context.Context) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return c.store.Load(ctx, c.key)
}

// obtain gets a token from the server and saves it. Where the store is not sure,
// nothing is spent that another process may be spending too.
func (t *task) obtain(ctx context.Context, record Record, sure bool) (*activeToken, error) {
	get := t.replace
	if !sure && !record.Token.Refresh.IsZero() {
		get = func(ctx context.Context, _ *Record) (Token, error) { return t.login(ctx) }
	}
	token, err := get(ctx, &record)
	if err != nil {
		return nil, err
	}
	if t.calledOff() {
		return t.c.activate(token, record.Version), nil
	}
	version, err := t.save(ctx, record, token)
	if err != nil {
		return nil, err
	}
	return t.changed(ctx, token, version), nil
}

// calledOff says that the client was logged out meanwhile: what was obtained is
// to be ended, not kept.
func (t *task) calledOff() bool {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	return t.flight.calledOff
}

// errReread says that the store holds news.
var errReread = errors.New("the record changed")

// adoptable says whether the stored token is worth using: it is fresh, and not
// the one that the flight is to replace.
func (t *task) adoptable(record Record) bool {
	if !usable(record.Token, t.c.clock()) {
		return false
	}
	if t.before == nil {
		return !t.plan.replace // a stored token is a good one to begin with, but not a renewed one
	}
	same := record.Token.Access.Equal(t.before.token.Access)
	switch {
	case same && t.rejected:
		return false
	case same && t.plan.replace:
		return record.Token.Expires.After(t.before.token.Expires) // somebody else has extended it
	case same:
		return true
	default:
		// With the version that the client saved, or failed to save over,
		// the record holds an older token than the client does.
		return record.Version != t.before.version
	}
}

// preferOwn puts the client's own token into a record that holds none, or one
// that the client failed to save over.
func (t *task) preferOwn(record *Record) {
	if t.before == nil || record.Version != t.before.version && !record.Token.IsZero() {
		return
	}
	if !record.Token.Access.Equal(t.before.token.Access) {
		record.Token, record.Intent = t.before.token, time.Time{}
	}
}

// adopt uses a token that somebody else has saved.
func (t *task) adopt(ctx context.Context, record Record) *activeToken {
	t.c.notify(ctx, Event{Kind: EventAdopt, Background: t.plan.background, Expires: record.Token.Expires})
	return t.changed(ctx, record.Token, record.Version)
}

// changed tells the hook and prepares the token for use.
func (t *task) changed(ctx context.Context, token Token, version uint64) *activeToken {
	if t.c.onChange != nil && (t.before == nil || !t.before.token.Access.Equal(token.Access) || !t.before.token.Expires.Equal(token.Expires)) {
		t.c.onChange(ctx, token)
	}
	h := t.c.activate(token, version)
	h.afterRejection = t.rejected
	return h
}

// replace renews the record's token where that can be, and logs in where it
// cannot or where the renewal is refused permanently.
func (t *task) replace(ctx context.Context, record *Record) (Token, error) {
	renewer, ok := t.c.dialect.(Renewer)
	if !ok || !t.renewable(*record) {
		return t.login(ctx)
	}
	token, err := t.renewWith(ctx, renewer, record)
	switch {
	case err == nil:
		return token, nil
	case errors.Is(err, errReread), errors.Is(err, ErrStore):
		return Token{}, err
	case isFinal(err):
		// Re-read before giving up: perhaps somebody else had more luck.
		if news, loadErr := t.c.load(ctx); loadErr == nil && news.Version != record.Version && t.adoptable(news) {
			return Token{}, errReread
		}
		return t.login(ctx)
	case !record.Intent.IsZero():
		return t.login(ctx) // the refresh token may be spent
	default:
		return Token{}, err
	}
}

// renewable says whether a renewal has a chance; see [Renewer].
func (t *task) renewable(record Record) bool {
	if record.Token.IsZero() || !record.Intent.IsZero() {
		return false
	}
	if !record.Token.Refresh.IsZero() {
		return true
	}
	rejected := t.rejected && t.before != nil && record.Token.Access.Equal(t.before.token.Access)
	alive := record.Token.Expires.IsZero() || t.c.clock().Before(record.Token.Expires)
	return alive && !rejected
}

// renewWith renews. The intent stays in the record as long as a refresh token
// may have been spent without the client having its successor.
func (t *task) renewWith(ctx context.Context, renewer Renewer, record *Record) (Token, error) {
	spends := !record.Token.Refresh.IsZero()
	if spends {
		if err := t.note(ctx, record, t.c.clock()); err != nil {
			return Token{}, err
		}
	}
	start := t.c.clock()
	token, err := renewer.Renew(ctx, t.c.exchange, record.Token)
	token, err = t.checked("renew", start, token, err)
	t.report(ctx, EventRenew, start, token, err)
	if err == nil {
		return token, nil
	}
	if spends && !isFinal(err) && !outcomeUnknown(err) {
		_ = t.note(context.WithoutCancel(ctx), record, time.Time{}) // nothing was spent; if this fails, the next renewal is a login
	}
	return Token{}, err
}

// note writes the intent into the store. A store that fails does not keep the
// client from renewing: what an unnoted crash leaves behind is refused by the
// server, and healed by a login too.
func (t *task) note(ctx context.Context, record *Record, intent time.Time) error {
	inTime, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	record.Intent = intent
	version, err := t.c.store.Save(inTime, t.c.key, *record)
	switch {
	case errors.Is(err, ErrConflict):
		return errReread
	case err != nil:
		return t.storeFailed(ctx, "note the intent", err)
	default:
		record.Version = version
	}
	return nil
}

// login logs in.
func (t *task) login(ctx context.Context) (Token, error) {
	start := t.c.clock()
	token, err := t.c.dialect.Login(ctx, t.c.exchange)
	token, err = t.checked("login", start, token, err)
	t.report(ctx, EventLogin, start, token, err)
	return token, err
}

// checked puts right what a dialect returns.
func (t *task) checked(op string, start time.Time, token Token, err error) (Token, error) {
	if err != nil {
		return Token{}, t.wrapped(op, err)
	}
	if token.IsZero() {
		return Token{}, &Error{Op: op, Dialect: t.c.name, OutcomeUnknown: true, Err: fmt.Errorf("%w: it holds no token", ErrProtocol)}
	}
	if !t.c.presentable(token) {
		return Token{}, &Error{Op: op, Dialect: t.c.name, OutcomeUnknown: true, Err: fmt.Errorf("%w: its token holds what no header can carry", ErrProtocol)}
	}
	if token.Issued.IsZero() {
		token.Issued = start
	}
	// Without the monotonic reading, which stands still while a machine sleeps
	// and means nothing to the next process.
	token.Issued, token.Expires = token.Issued.Round(0), token.Expires.Round(0)
	if !token.Expires.IsZero() && !token.Expires.After(token.Issued) {
		token.Expires = time.Time{} // a fresh token that has ended is a clock that cannot be understood
	}
	return token, nil
}

// wrapped makes sure that a dialect's error says what failed. The errors of
// package sdk say it already.
func (t *task) wrapped(op string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{Op: op, Dialect: t.c.name, Temporary: true, OutcomeUnknown: true, Err: err}
}

// save stores the token before anybody uses it. A token that cannot be saved
// is used anyway, unless the store is required: it is good, and the next
// start logs in.
func (t *task) save(ctx context.Context, record Record, token Token) (version uint64, err error) {
	ctx = context.WithoutCancel(ctx)
	inTime, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	record.Token, record.Intent = token, time.Time{}
	version, err = t.c.store.Save(inTime, t.c.key, record)
	if errors.Is(err, ErrConflict) {
		// Somebody wrote without the lock; this token is the younger one.
		var news Record
		if news, err = t.c.store.Load(inTime, t.c.key); err == nil {
			record.Version = news.Version
			version, err = t.c.store.Save(inTime, t.c.key, record)
		}
	}
	if err != nil {
		return record.Version, t.storeFailed(ctx, "save", err)
	}
	return version, nil
}

func (t *task) report(ctx context.Context, kind EventKind, start time.Time, token Token, err error) {
	t.c.notify(ctx, Event{
		Kind: kind, Op: string(kind), Background: t.plan.background,
		Start: start, Duration: t.c.clock().Sub(start), Expires: token.Expires, Err: err,
	})
}

// storeFailed tells that the store failed. It returns the error only if the
// client cannot live with it: the store is required, or the flight is over.
func (t *task) storeFailed(ctx context.Context, op string, err error) error {
	err = t.c.storeError(op, err)
	if t.c.required || ctx.Err() != nil {
		return err
	}
	t.c.notify(ctx, Event{Kind: EventStore, Op: op, Background: t.plan.background, Err: err})
	return nil
}
