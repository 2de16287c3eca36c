package fleet

import "math"

// wheel holds the accounts that wait for their renewal, by the second. It levels
// the load: nobody may be far above what the fleet needs per second.
type wheel struct {
	slots map[int64]*slot
	rate  float64 // renewals per second that all accounts in it need

	random func() float64
}

// slot is the accounts of one second.
type slot struct {
	first *account
	count int
}

// What the smoothing of renewals is made of. A client renews after 70 to 80 % of
// a token's life; a fleet has to begin earlier, so that accounts which logged in
// together do not stay together.
const (
	earliest, latest = 0.40, 0.80
	above            = 1.05 // of the rate, up to which a second is filled
	looks            = 512  // seconds that are looked at for a place
)

// add puts an account into a second from earliest to latest; life is in seconds.
// In a large fleet that is the first one that has room. So every second is filled
// before the next one is, even if all accounts logged in at once, and the fleet
// renews at the rate that it needs. A small fleet has no need of this, and takes the
// last one. If none has room, it is the emptiest.
func (w *wheel) add(a *account, from, to int64, life float64) {
	w.remove(a)
	if w.slots == nil {
		w.slots = make(map[int64]*slot)
	}
	a.share = float32(1 / (latest * max(life, 1)))
	w.rate += float64(a.share)
	best := w.place(from, to)
	s := w.slots[best]
	if s == nil {
		s = new(slot)
		w.slots[best] = s
	}
	a.due, a.before, a.after = best, nil, s.first
	if s.first != nil {
		s.first.before = a
	}
	s.first = a
	s.count++
}

// place is the second for one more account.
func (w *wheel) place(from, to int64) (best int64) {
	room := int(math.Ceil(w.rate * above))
	stride := max((to-from)/looks, 1)
	second, last := from+int64(w.random()*float64(stride)), to
	if room == 1 {
		second, last, stride = to-int64(w.random()*float64(stride)), from, -stride
	}
	best = second
	for fewest := math.MaxInt; (stride > 0) == (second <= last) || second == last; second += stride {
		count := 0
		if s := w.slots[second]; s != nil {
			count = s.count
		}
		switch {
		case count < room:
			return second
		case count < fewest:
			best, fewest = second, count
		}
	}
	return best
}

// remove takes an account out, if it is in.
func (w *wheel) remove(a *account) {
	if a.due == 0 {
		return
	}
	s := w.slots[a.due]
	if a.before == nil {
		s.first = a.after
	} else {
		a.before.after = a.after
	}
	if a.after != nil {
		a.after.before = a.before
	}
	if s.count--; s.count == 0 {
		delete(w.slots, a.due)
	}
	w.rate = max(w.rate-float64(a.share), 0)
	a.due, a.share, a.before, a.after = 0, 0, nil, nil
}

// take removes and returns the accounts of a second.
func (w *wheel) take(second int64) (due []*account) {
	for s := w.slots[second]; s != nil && s.first != nil; {
		due = append(due, s.first)
		w.remove(s.first)
	}
	return due
}
