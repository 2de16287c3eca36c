package mockserver

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// MisuseLevel says what a mock does about clients that misuse tokens.
type MisuseLevel int

// The levels.
const (
	// MisuseOff looks for nothing; it is the default.
	MisuseOff MisuseLevel = iota
	// MisuseWarn notes what it finds; see [Server.Misuses].
	MisuseWarn
	// MisuseFail also fails the test at its end, where the mock was made by [New].
	MisuseFail
)

// MisuseKind is a way to misuse a token.
type MisuseKind string

// The kinds.
const (
	// TokenInURL is a token in a query or a path, other than the query of GET and DELETE /login in
	// the form dialect (RFC 6750 section 5.3).
	TokenInURL MisuseKind = "token_in_url"
	// RefreshTokenToResource is a single-use token in place of an access token.
	RefreshTokenToResource MisuseKind = "refresh_token_to_resource"
	// TokenAfterRotation is a single-use token that was used already (RFC 9700
	// section 4.14.2).
	TokenAfterRotation MisuseKind = "token_after_rotation"
	// TokenAfterRevocation is a token that the client has ended, or whose session it has. A
	// session that another one's token has ended is not meant, nor one whose end a
	// fault kept from the client: it cannot know.
	TokenAfterRevocation MisuseKind = "token_after_revocation"
	// RetryAfterIgnored is a request of a session to an operation sooner than a
	// Retry-After to the same allows (RFC 9110 section 10.2.3).
	RetryAfterIgnored MisuseKind = "retry_after_ignored"
	// RefreshStorm is more than ten renewals of a session in a second.
	RefreshStorm MisuseKind = "refresh_storm"
	// CredentialsToOtherHost is a request with a token or a password that names
	// another host than the mock's, as after a redirect.
	CredentialsToOtherHost MisuseKind = "credentials_to_other_host"
	// PasswordAfterToken is Basic on a request that is no login, after the client
	// has obtained a token.
	PasswordAfterToken MisuseKind = "password_after_token"
)

// Misuse is one that a client has made.
type Misuse struct {
	Kind    MisuseKind `json:"kind"`
	Request Request    `json:"request"` // as it arrived
}

// String is the misuse in one line.
func (m Misuse) String() string { return fmt.Sprintf("%s: %v", m.Kind, m.Request) }

// storm is how many renewals of a session within a second are too many.
const storm = 10

// waiting is who waits for what after a Retry-After.
type waiting struct {
	route   route
	session string
}

// misuses are those of a mock.
type misuses struct {
	level MisuseLevel

	mu       sync.Mutex
	list     []Misuse
	notUntil map[waiting]time.Time  // by Retry-After
	renewals map[string][]time.Time // the last ones of each session
	loggedIn map[string]bool        // dialects in which a login has succeeded
}

// Misuses returns what clients have misused so far.
func (s *Server) Misuses() []Misuse {
	s.misuses.mu.Lock()
	defer s.misuses.mu.Unlock()
	return slices.Clone(s.misuses.list)
}

func (m *misuses) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list, m.notUntil, m.renewals, m.loggedIn = nil, nil, nil, nil
}

func (m *misuses) report(t TB) {
	t.Helper()
	if m.level < MisuseFail {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, found := range m.list {
		t.Errorf("the client misused a token: %v", found)
	}
}

// look finds misuses in a request that has just arrived.
func (m *misuses) look(s *Server, x *exchange) {
	if m.level == MisuseOff || x.route.operation == Other && len(x.presented) == 0 && !x.basic {
		return
	}
	if len(x.presented) > 0 {
		s.journal.redact()
		x.entry.Token = s.names.of("token", x.presented[0])
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.kinds(s, x)
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		if found[kind] && len(m.list) < maxJournal {
			m.list = append(m.list, Misuse{kind, x.entry})
		}
	}
}

func (m *misuses) kinds(s *Server, x *exchange) map[MisuseKind]bool {
	e := x.entry
	var first token
	if len(x.presented) > 0 {
		first = s.tokens.of(x.presented[0])
	}
	return map[MisuseKind]bool{
		TokenInURL:             e.tokenInURL(),
		RefreshTokenToResource: first.singleUse && e.Operation != Renewal,
		TokenAfterRotation:     first.state == replaced,
		TokenAfterRevocation:   first.state == closed,
		RetryAfterIgnored:      e.At.Before(m.notUntil[waiting{x.route, e.Session}]),
		RefreshStorm:           e.Operation == Renewal && m.storms(e),
		CredentialsToOtherHost: (len(x.presented) > 0 || x.basic || e.Operation == Login) && !s.isOwnHost(e.Host),
		PasswordAfterToken:     x.basic && e.Operation != Login && m.loggedIn[e.Dialect],
	}
}

// storms counts a renewal, and says whether it is one too many.
func (m *misuses) storms(e Request) bool {
	if m.renewals == nil || len(m.renewals) >= maxRemembered {
		m.renewals = map[string][]time.Time{}
	}
	if e.Session == "" {
		return false // unknown tokens are of nobody
	}
	recent := slices.DeleteFunc(m.renewals[e.Session], func(t time.Time) bool { return e.At.Sub(t) >= time.Second })
	m.renewals[e.Session] = append(recent, e.At)
	return len(m.renewals[e.Session]) > storm
}

// answered notes what later requests are judged by.
func (m *misuses) answered(x *exchange, retryAfter string, now time.Time) {
	if m.level == MisuseOff || x.lost() {
		return // the client does not hear of it
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.notUntil == nil {
		m.notUntil, m.loggedIn = map[waiting]time.Time{}, map[string]bool{}
	}
	if x.route.operation == Login && x.entry.Succeeded() {
		m.loggedIn[x.entry.Dialect] = true
	}
	at := waiting{x.route, x.entry.Session}
	if until := retryAt(retryAfter, now); until.After(m.notUntil[at]) {
		m.notUntil[at] = until
	}
}

// retryAt reads a Retry-After; the zero time is none.
func retryAt(text string, now time.Time) time.Time {
	if seconds, err := time.ParseDuration(text + "s"); err == nil {
		return now.Add(seconds)
	}
	at, _ := http.ParseTime(text)
	return at
}

// isOwnHost says whether a client has named the mock as its URL does.
func (s *Server) isOwnHost(host string) bool {
	_, own, _ := strings.Cut(s.URL, "://")
	if ip := net.ParseIP(hostOf(own)); ip != nil && ip.IsUnspecified() {
		return true // it listens everywhere, and does not know its names
	}
	return host == "" || host == own || host == s.GRPCAddr || hostOf(host) == hostOf(own)
}

func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
