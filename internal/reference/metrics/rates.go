package metrics

import (
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// Rate is something that is counted per minute.
type Rate int

// The rates.
const (
	LoginsSucceeded Rate = iota
	LoginsFailed
	LoginsThrottled
	Renewals // refreshes, renewals, extensions
	Errors   // answers that are the server's fault: 500 and above, and such codes of gRPC
	rateCount
)

// Rates are all of them.
func Rates() []Rate { return []Rate{LoginsSucceeded, LoginsFailed, LoginsThrottled, Renewals, Errors} }

// rated are the rates of events.
var rated = map[audit.Kind]Rate{
	audit.LoginSucceeded: LoginsSucceeded, audit.LoginFailed: LoginsFailed, audit.LoginThrottled: LoginsThrottled, audit.Renewed: Renewals,
}

// serverError says whether a status, in digits or as the name of a gRPC code, is the
// server's fault.
func serverError(status string) bool {
	switch status {
	case "Unknown", "DeadlineExceeded", "Internal", "Unavailable", "DataLoss":
		return true
	}
	return len(status) == 3 && strings.HasPrefix(status, "5")
}

// Hour is how many minutes are remembered.
const Hour = 60

// rates count by minute, in a ring of the last hour.
type rates struct {
	clock clock.Clock

	mu      sync.Mutex
	minute  int64 // the newest, since 1970
	minutes [Hour][rateCount]int
}

func (r *rates) add(rate Rate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.advance()
	r.minutes[r.minute%Hour][rate]++
}

// advance empties the minutes that have begun since the newest. A clock that is set
// back counts into the newest until it has come there again. The caller holds the lock.
func (r *rates) advance() {
	now := r.clock.Now().Unix() / int64(time.Minute/time.Second)
	for first := max(r.minute+1, now-Hour+1); first <= now; first++ {
		r.minutes[first%Hour] = [rateCount]int{}
	}
	r.minute = max(r.minute, now)
}

// LastHour returns how often something happened in each minute of the last hour, the
// oldest first; the last minute still runs.
func (m *Metrics) LastHour(rate Rate) (counts [Hour]int) {
	m.rates.mu.Lock()
	defer m.rates.mu.Unlock()
	m.rates.advance()
	for i := range counts {
		counts[i] = m.rates.minutes[(m.rates.minute+1+int64(i))%Hour][rate]
	}
	return counts
}
