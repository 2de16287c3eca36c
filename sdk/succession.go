package sdk

import "context"

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
