package warehouse_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/examples/internal/warehouse"
	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stock is what the mock has behind its authentication: routes of this back office.
type stock struct {
	mu     sync.Mutex
	left   int
	orders map[string]bool
}

func (s *stock) show(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]int{"left": s.left})
}

func (s *stock) reserve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch order := r.Header.Get("Idempotency-Key"); {
	case s.orders[order]: // was done before
		w.WriteHeader(http.StatusNoContent)
	case s.left == 0:
		w.WriteHeader(http.StatusConflict)
	default:
		s.left--
		s.orders[order] = true
		w.WriteHeader(http.StatusNoContent)
	}
}

// inBubble runs a test with a client and a mock in memory, in a bubble of synctest: both
// go by the time of the bubble, which passes at once while all wait.
func inBubble(t *testing.T, test func(t *testing.T, client *warehouse.Client, mock *mockserver.Server)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithMemory(), mockserver.WithDialects("session"), mockserver.WithMisuse(mockserver.MisuseFail))
		s := &stock{left: 2, orders: map[string]bool{}}
		mock.Handle("GET /stock/{article}", http.HandlerFunc(s.show))
		mock.Handle("POST /stock/{article}/reservations", http.HandlerFunc(s.reserve))
		client, err := warehouse.New(mock.URL, "root@example.com", sdk.NewSecret("root"),
			sdk.WithHTTPTransport(mock.Client().Transport), sdk.WithAllowPlaintext())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close(t.Context())
		test(t, client, mock)
	})
}

func inject(t *testing.T, mock *mockserver.Server, fault mockserver.Fault) *mockserver.Injection {
	t.Helper()
	injection, err := mock.Inject(fault)
	if err != nil {
		t.Fatal(err)
	}
	return injection
}

func expectLeft(t *testing.T, client *warehouse.Client, want int) {
	t.Helper()
	if left, err := client.Left(t.Context(), "lamp"); left != want || err != nil {
		t.Errorf("%d are left (%v), want %d", left, err, want)
	}
}

func TestNothingLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, client *warehouse.Client, _ *mockserver.Server) {
		for _, order := range []string{"order-1", "order-2"} {
			if err := client.Reserve(t.Context(), "lamp", order); err != nil {
				t.Error(err)
			}
		}
		if err := client.Reserve(t.Context(), "lamp", "order-3"); !errors.Is(err, warehouse.ErrNothingLeft) {
			t.Errorf("the third of two is %v", err)
		}
	})
}

// TestLostReply: the back office has reserved, and the client does not hear of it. It asks
// again, and one piece is taken.
func TestLostReply(t *testing.T) {
	inBubble(t, func(t *testing.T, client *warehouse.Client, mock *mockserver.Server) {
		lost := inject(t, mock, mockserver.Fault{
			Effect: mockserver.LostReply, Path: "/stock/lamp/reservations", Times: 1,
		})
		if err := client.Reserve(t.Context(), "lamp", "order-1"); err != nil {
			t.Error(err)
		}
		if lost.Count() != 1 {
			t.Error("no reply was lost")
		}
		expectLeft(t, client, 1)
	})
}

// TestOutage: the back office is away and asks to wait for 20 seconds. The client waits.
func TestOutage(t *testing.T) {
	inBubble(t, func(t *testing.T, client *warehouse.Client, mock *mockserver.Server) {
		inject(t, mock, mockserver.Fault{
			Effect: mockserver.Outage, Operation: mockserver.Resource, Times: 2, RetryAfter: mockserver.Duration(20 * time.Second),
		})
		began := time.Now() // of the bubble
		expectLeft(t, client, 2)
		if took := time.Since(began); took < 40*time.Second || took > time.Minute {
			t.Errorf("it took %v, want twice 20 s and a little more", took)
		}
		mock.AssertCalls(t, mockserver.Resource, 3)
	})
}

// TestLostRenewal: the reply to a renewal is lost, so the refresh token may be spent. The
// client does not send it again, and logs in.
func TestLostRenewal(t *testing.T) {
	inBubble(t, func(t *testing.T, client *warehouse.Client, mock *mockserver.Server) {
		expectLeft(t, client, 2)
		lost := inject(t, mock, mockserver.Fault{Effect: mockserver.LostReply, Operation: mockserver.Renewal, Times: 1})
		<-time.After(10 * time.Minute) // the life of a token; the client renews in the background
		expectLeft(t, client, 2)
		if lost.Count() != 1 {
			t.Error("no reply was lost")
		}
		mock.AssertCalls(t, mockserver.Login, 2)
		mock.AssertOneRenewalPerToken(t)
	})
}

// TestADay: a token lives ten minutes; a day costs one login.
func TestADay(t *testing.T) {
	inBubble(t, func(t *testing.T, client *warehouse.Client, mock *mockserver.Server) {
		for range 24 {
			expectLeft(t, client, 2)
			<-time.After(time.Hour)
		}
		mock.AssertCalls(t, mockserver.Login, 1)
		mock.AssertNewTokenUsed(t)
	})
}
