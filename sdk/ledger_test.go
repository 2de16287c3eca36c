package sdk_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// counted is a body that can be read once, and tells how it was treated.
type counted struct {
	io.Reader
	closed atomic.Int64
}

func (c *counted) Close() error {
	c.closed.Add(1)
	return nil
}

// pausing is an empty reader that takes its time.
type pausing struct{}

func (pausing) Read([]byte) (int, error) {
	<-time.After(200 * time.Millisecond)
	return 0, io.EOF
}

// countedFile can be sought back, and must be closed in the end, not before.
type countedFile struct {
	*os.File
	closed atomic.Int64
}

func (c *countedFile) Close() error {
	c.closed.Add(1)
	return c.File.Close()
}

// ledger is a server that wants the second of two tokens and notes the digests
// of the bodies that it accepts and of those that it rejects.
type ledger struct {
	early bool // reject before the body is read

	mu       sync.Mutex
	accepted []string
	rejected []string
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	good := r.Header.Get("Authorization") == "Bearer second"
	if !good && l.early {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "early")
		return
	}
	hash := sha256.New()
	n, err := io.Copy(hash, r.Body)
	if err != nil {
		return
	}
	seen := fmt.Sprintf("%d %s", n, hex.EncodeToString(hash.Sum(nil)[:8]))
	if r.ContentLength >= 0 && r.ContentLength != n {
		seen = "wrong length"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !good {
		l.rejected = append(l.rejected, seen)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "late")
		return
	}
	l.accepted = append(l.accepted, seen)
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%d %s", len(text), hex.EncodeToString(sum[:8]))
}

// newLedger returns a ledger and a client whose first token it rejects.
func newLedger(t *testing.T, early bool, options ...sdk.Option) (*ledger, *sdk.Client, string) {
	t.Helper()
	l := &ledger{early: early}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	var logins atomic.Int64
	client, err := sdk.New(server.URL, &scripted{
		login: func(context.Context) (sdk.Token, error) {
			if logins.Add(1) == 1 {
				return sdk.Token{Access: sdk.NewSecret("first")}, nil
			}
			return sdk.Token{Access: sdk.NewSecret("second")}, nil
		},
		renew: func(context.Context, sdk.Token) (sdk.Token, error) {
			return sdk.Token{}, &sdk.Error{Op: "renew", Err: sdk.ErrRefused}
		},
	}, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Stop(context.Background()) })
	return l, client, server.URL
}

// text is as long as asked, up to 8 MiB, and nowhere the same.
func text(n int) []byte { return longText()[:n:n] }

var longText = sync.OnceValue(func() []byte {
	const most = 8 << 20
	b := make([]byte, 0, most+16)
	for i := int64(0); len(b) < most; i++ {
		b = append(strconv.AppendInt(b, i, 10), ',')
	}
	return b
})

// judge checks that a body came through whole and once, or was given back. A
// body over the limit may come through if the server rejected it early, before
// much of it was read.
func judge(t *testing.T, l *ledger, status int, body []byte, replay, early bool) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case status == http.StatusOK && (replay || early):
		if len(l.accepted) != 1 || l.accepted[0] != digest(body) {
			t.Errorf("accepted %v, want once %s", l.accepted, digest(body))
		}
	case status == http.StatusUnauthorized && !replay:
		if len(l.accepted) != 0 || !early && (len(l.rejected) != 1 || l.rejected[0] != digest(body)) {
			t.Errorf("accepted %v, rejected %v; want the first try alone", l.accepted, l.rejected)
		}
	default:
		t.Errorf("status %d, accepted %v, rejected %v", status, l.accepted, l.rejected)
	}
}

// waitClosed waits until a body was closed, and says so if it was not closed
// exactly once. net/http closes bodies a little after the fact.
func waitClosed(t *testing.T, closed *atomic.Int64) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for closed.Load() == 0 {
		select {
		case <-deadline:
			t.Error("the body was not closed")
			return
		case <-time.After(time.Millisecond):
		}
	}
	if n := closed.Load(); n != 1 {
		t.Errorf("the body was closed %d times", n)
	}
}
