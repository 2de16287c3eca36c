package page

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// userName is the only user of the page.
const userName = "admin"

// shortestPassword is the minimum number of characters of the password, from NIST SP
// 800-63B-4: it is the only factor.
const shortestPassword = 15

// maxWrong is how many wrong passwords a network has within a minute, and all networks
// together from where nobody has logged in.
const maxWrong = 10

// access admits who knows the password, which comes with each request (Basic, RFC
// 7617). A browser sends that to the port that asked for it; a cookie it would send to
// every port of the host, and so to other programs of the machine.
type access struct {
	key     [32]byte // of the digests: they tell nothing about the password
	right   []byte   // the digest of what is right
	limiter account.Limiter
	counts  *memory.Store // of the limiter
	clock   clock.Clock
	audit   audit.Sink
	proxies proxy.Trusted
	log     *slog.Logger
}

func newAccess(cfg Config) (*access, error) {
	if utf8.RuneCountInString(cfg.Password) < shortestPassword {
		return nil, fmt.Errorf("the password is shorter than %d characters; take a longer one, as of openssl rand -hex 16", shortestPassword)
	}
	a := &access{counts: memory.New(), clock: cfg.Wall, audit: cfg.Audit, proxies: cfg.Proxies, log: cfg.Log}
	_, _ = rand.Read(a.key[:]) // it never fails
	a.right = a.digest(userName, cfg.Password)
	var err error
	a.limiter, err = account.NewLimiter(account.Throttle{PerAccount: maxWrong, PerAddress: maxWrong}, a.counts, a.clock)
	return a, err
}

// digest is as long, and takes as long, whatever part of the credentials is right.
func (a *access) digest(name, password string) []byte {
	mac := hmac.New(sha256.New, a.key[:])
	fmt.Fprintf(mac, "%d %s %s", len(name), name, password)
	return mac.Sum(nil)
}

// guard serves next to who shows the password.
func (a *access) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := audit.WithBy(audit.WithAddress(r.Context(), a.proxies.Client(httpio.Address(r), r.Header.Values(proxy.Header))), audit.Operator)
		r = r.WithContext(ctx)
		name, password, sent := httpio.Basic(r)
		if !sent {
			refuse(w)
			return
		}
		right, err := a.check(r, name, password)
		var throttled *account.ThrottledError
		switch {
		case errors.As(err, &throttled):
			a.record(r, audit.AdminThrottled)
			w.Header().Set("Retry-After", strconv.Itoa(int(throttled.RetryAfter.Seconds())))
			http.Error(w, "Too many wrong passwords: try again in "+throttled.RetryAfter.String()+".", http.StatusTooManyRequests)
		case err != nil:
			a.log.ErrorContext(ctx, "admin page: check the password", "error", err)
			http.Error(w, "The password could not be checked.", http.StatusInternalServerError)
		case !right:
			a.record(r, audit.AdminFailed)
			refuse(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func refuse(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="dragoman admin", charset="UTF-8"`)
	http.Error(w, `This page needs the user "`+userName+`" and the password that "dragoman serve" was given for it.`, http.StatusUnauthorized)
}

// check compares the credentials, unless too many were wrong.
func (a *access) check(r *http.Request, name, password string) (right bool, err error) {
	end, err := a.limiter.Start(r.Context(), account.Attempt{Account: userName, Address: audit.Address(r.Context())})
	if err != nil {
		return false, err
	}
	outcome := account.Wrong
	if right = subtle.ConstantTimeCompare(a.digest(name, password), a.right) == 1; right {
		outcome = account.Right
	} else if _, err := a.counts.Sweep(r.Context(), a.clock.Now()); err != nil { // nobody else removes what has ended
		a.log.WarnContext(r.Context(), "admin page: forget wrong passwords", "error", err)
	}
	return right, end(r.Context(), outcome)
}

func (a *access) record(r *http.Request, kind audit.Kind) {
	a.audit.Record(r.Context(), audit.Event{Kind: kind, Dialect: userName, Address: audit.Address(r.Context())})
}
