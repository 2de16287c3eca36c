package sdk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// replayBody is a request body that may have to be sent several times. In order
// of preference it asks GetBody, seeks back, or keeps what was read, up to a
// limit; with the rest of the body still unread in the last case.
//
// A RoundTripper may go on reading and may close the body after it has
// returned. So the body is handed out in wrappers that can be cut off, and
// closed permanently only when it is known that nobody needs it again.
type replayBody struct {
	original io.ReadCloser
	getBody  func() (io.ReadCloser, error)
	seeker   io.Seeker
	start    int64

	current *bodyWrapper
}

// newReplayBody takes over the request's body. It returns nil, which all methods
// accept, when there is none.
func newReplayBody(request *http.Request, limit int64) *replayBody {
	if request.Body == nil || request.Body == http.NoBody {
		return nil
	}
	b := &replayBody{original: request.Body, getBody: request.GetBody}
	if b.getBody != nil {
		return b
	}
	if seeker, ok := request.Body.(io.Seeker); ok {
		if start, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			b.seeker, b.start = seeker, start
		}
	}
	b.current = newBodyWrapper(request.Body, request.Body, b.seeker == nil, limit)
	return b
}

// first is the body of the first attempt.
func (b *replayBody) first() io.ReadCloser {
	switch {
	case b == nil:
		return nil
	case b.current == nil:
		return b.original
	default:
		return b.current
	}
}

// rewindable says whether again may work.
func (b *replayBody) rewindable() bool {
	return b == nil || b.current == nil || b.seeker != nil || b.current.kept()
}

// again is the body of a further attempt. The response of the attempt before
// has been read or closed.
func (b *replayBody) again(ctx context.Context) (io.ReadCloser, error) {
	if b == nil {
		return nil, nil //nolint:nilnil // a request without a body has none again
	}
	if b.getBody != nil {
		return b.getBody()
	}
	before := b.current
	start, ok := before.cut(ctx)
	if !ok {
		return nil, errBodyGone
	}
	source := io.MultiReader(bytes.NewReader(start), before.source)
	if b.seeker != nil {
		if _, err := b.seeker.Seek(b.start, io.SeekStart); err != nil {
			_ = b.original.Close()
			return nil, err
		}
		source = b.original
	}
	b.current = newBodyWrapper(source, b.original, before.keep, before.limit)
	return b.current, nil
}

// release says that the body is not needed again after the latest attempt.
func (b *replayBody) release() {
	if b != nil && b.current != nil {
		b.current.release()
	}
}

// bodyWrapper hands a body to one attempt.
type bodyWrapper struct {
	closer io.Closer
	keep   bool  // what is read
	limit  int64 // of what is kept

	busy chan struct{} // holds a value while a Read runs

	mu       sync.Mutex
	source   io.Reader
	buffer   []byte
	lost     bool // more was read than the buffer holds
	off      bool // cut off: another attempt has the body
	closed   bool // the attempt has closed it
	released bool // closing closes permanently
}

func newBodyWrapper(source io.Reader, closer io.Closer, keep bool, limit int64) *bodyWrapper {
	return &bodyWrapper{source: source, closer: closer, keep: keep, limit: limit, busy: make(chan struct{}, 1)}
}

var (
	errBodyMoved = errors.New("the request body went to another attempt")
	errBodyGone  = errors.New("the request body was read too far, or is still being read, by the attempt before")
)

// Read implements [io.Reader] and keeps a copy of what it reads.
func (w *bodyWrapper) Read(p []byte) (int, error) {
	w.busy <- struct{}{}
	defer func() { <-w.busy }()
	w.mu.Lock()
	off := w.off || w.closed
	w.mu.Unlock()
	if off {
		return 0, errBodyMoved
	}
	n, err := w.source.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.keep || w.lost || w.released:
	case int64(len(w.buffer)+n) > w.limit:
		w.lost, w.buffer = true, nil
	default:
		w.buffer = append(w.buffer, p[:n]...)
	}
	return n, err
}

// Close implements [io.Closer].
func (w *bodyWrapper) Close() error {
	w.mu.Lock()
	already := w.closed
	w.closed = true
	really := w.released && !w.off && !already
	w.mu.Unlock()
	if really {
		return w.closer.Close()
	}
	return nil
}

// release lets the body be closed permanently, now if the attempt has closed it.
func (w *bodyWrapper) release() {
	w.mu.Lock()
	really := w.closed && !w.released && !w.off
	w.released, w.buffer = true, nil
	w.mu.Unlock()
	if really {
		_ = w.closer.Close()
	}
}

func (w *bodyWrapper) kept() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.lost
}

// cutTimeout is how long cut waits for a Read of the old attempt to return.
const cutTimeout = time.Second

// cut takes the body away from the attempt and returns what it has read.
func (w *bodyWrapper) cut(ctx context.Context) ([]byte, bool) {
	timer := time.NewTimer(cutTimeout)
	defer timer.Stop()
	select {
	case w.busy <- struct{}{}:
		defer func() { <-w.busy }()
	case <-timer.C:
		return nil, false
	case <-ctx.Done():
		return nil, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost {
		return nil, false // the attempt went on reading after all had looked well
	}
	w.off = true
	return w.buffer, true
}

// succession is the tokens that one request is sent with, one after the other.
//
// A rejection has one of two causes. The server does not accept the token: then
// another token is fetched, once for each request. Or the client itself has
// replaced the token while the request was on its way, and the server has ended
// it for that, as strict servers do: then the request is sent with the token
// that is in use by now, and what may be fetched is not used up.
type succession struct {
	coordinator *coordinator
	fetched     bool // another token, because the server rejected one
	replaced    int  // rejections of tokens that the client had replaced
}

// maxReplaced is how many of a request's rejections the client explains by its
// own renewals. Each needs a renewal that ended while the request was on its
// way. In the background there is one in a token's life; several at once come
// from calls of [Client.Renew] and from other processes on the same store. Who
// renews faster than a request gets through eight times in a row is told so by
// the server's answer.
const maxReplaced = 8

// next returns the token to send the request with after h was rejected. It
// returns nil without an error when there is none that is worth a try.
func (s *succession) next(ctx context.Context, h *activeToken) (*activeToken, error) {
	next, err := s.coordinator.afterRejection(ctx, h, !s.fetched)
	switch {
	case next == nil || err != nil:
		return nil, err
	case next.afterRejection && !s.fetched:
		s.fetched = true
	case s.replaced == maxReplaced:
		return nil, nil //nolint:nilnil // documented: there is none
	default:
		s.replaced++
	}
	s.coordinator.notify(ctx, Event{Kind: EventReplay})
	return next, nil
}

// accepted notes that the server accepted the latest token.
func (s *succession) accepted() {
	if s.fetched || s.replaced > 0 {
		s.coordinator.recover()
	}
}
