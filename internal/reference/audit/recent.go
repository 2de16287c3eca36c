package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
)

// maxRecent is how many events of each kind are kept. Each kind has a list of its own,
// so that refreshes do not displace the failed logins.
const maxRecent = 200

// Line is an event with its time.
type Line struct {
	At time.Time
	Event
}

// Recent is a sink that keeps the last 200 events of each kind in memory. It is safe
// for concurrent use; [NewRecent] makes one.
type Recent struct {
	clock clock.Clock

	mu    sync.Mutex
	count uint64 // of all events
	kinds map[Kind]*kept
}

// kept are the last lines of a kind: a ring once it is full.
type kept struct {
	lines []numbered
	next  int // the index of the oldest, when the ring is full
}

type numbered struct {
	number uint64
	Line
}

var _ Sink = (*Recent)(nil)

// NewRecent returns an empty list. A nil clock is [clock.System].
func NewRecent(c clock.Clock) *Recent {
	return &Recent{clock: cmp.Or[clock.Clock](c, clock.System{}), kinds: map[Kind]*kept{}}
}

// Record implements [Sink]. Texts are cut to 256 bytes, and a login that no account has
// is not kept: it may be a password in the wrong field.
func (r *Recent) Record(_ context.Context, event Event) {
	if event.Unknown {
		event.Login = ""
	}
	for _, text := range []*string{&event.Login, &event.Address, &event.Grant} {
		*text = strings.Clone(short(*text)) // it may be part of a long request, which would be kept too
	}
	line := Line{r.clock.Now(), event}
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.kinds[event.Kind]
	if list == nil {
		list = &kept{}
		r.kinds[event.Kind] = list
	}
	r.count++
	if len(list.lines) < maxRecent {
		list.lines = append(list.lines, numbered{r.count, line})
		return
	}
	list.lines[list.next] = numbered{r.count, line}
	list.next = (list.next + 1) % maxRecent
}

// Last returns the lines whose event fits, newest first, at most 200.
func (r *Recent) Last(fits func(Event) bool) []Line {
	var found []numbered
	r.mu.Lock()
	for _, list := range r.kinds {
		for _, line := range list.lines {
			if fits(line.Event) {
				found = append(found, line)
			}
		}
	}
	r.mu.Unlock()
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(b.number, a.number) })
	lines := make([]Line, min(len(found), maxRecent))
	for i := range lines {
		lines[i] = found[i].Line
	}
	return lines
}
