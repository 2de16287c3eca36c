package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/mockserver"
	"github.com/dragoman-auth/dragoman/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const stock = 30 // items of the source

// offices are a source with many items and a target, each with its own clock. At item
// halfway the test may do something: then is called before the answer.
func offices(t *testing.T, then func(from, to *mockserver.Server)) (from, to *mockserver.Server) {
	t.Helper()
	from = mockserver.New(t, mockserver.WithDialects("form"), mockserver.WithMisuse(mockserver.MisuseFail))
	to = mockserver.New(t, mockserver.WithDialects("scoped"), mockserver.WithMisuse(mockserver.MisuseFail))
	shown := func(n int) item { return item{ID: n, Name: fmt.Sprint("thing ", n), Price: "1.00"} }
	from.Handle("GET /items", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		var all []item
		for n := range stock {
			all = append(all, shown(n))
		}
		json.NewEncoder(w).Encode(all)
	}))
	var passed atomic.Bool
	from.Handle("GET /items/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("id"))
		if n == stock/2 && !passed.Swap(true) {
			then(from, to)
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(shown(n))
	}))
	return from, to
}

// at is a login at a mock.
func at(mock *mockserver.Server, login string) account {
	return account{url: mock.URL, login: login, password: sdk.NewSecret(login)}
}

// copies counts the objects of the target by name.
func copies(t *testing.T, to *mockserver.Server) map[string]int {
	t.Helper()
	token, err := to.Issue("scoped", "root")
	if err != nil {
		t.Fatal(err)
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, to.URL+"/api/v1/objects", nil)
	request.Header.Set("Authorization", "Bearer "+token.Access)
	response, err := to.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var objects []object
	if err := json.NewDecoder(response.Body).Decode(&objects); err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, o := range objects {
		found[o.Name]++
	}
	return found
}

func expectAllOnce(t *testing.T, to *mockserver.Server) {
	t.Helper()
	found := copies(t, to)
	for n := range stock {
		if name := fmt.Sprint("thing ", n); found[name] != 1 {
			t.Errorf("%s is there %d times", name, found[name])
		}
	}
}

func inject(t *testing.T, mock *mockserver.Server, fault mockserver.Fault) {
	t.Helper()
	if _, err := mock.Inject(fault); err != nil {
		t.Fatal(err)
	}
}

// TestTokensEndMidway: both tokens end in the middle, and others are rejected before
// their end, and the source is away for a moment; everything is copied once.
func TestTokensEndMidway(t *testing.T) {
	t.Parallel()
	from, to := offices(t, func(from, to *mockserver.Server) {
		from.Advance(25 * time.Hour)
		to.Advance(25 * time.Hour)
	})
	for _, mock := range []*mockserver.Server{from, to} {
		inject(t, mock, mockserver.Fault{Effect: mockserver.Reject, Operation: mockserver.Resource, From: 7, Times: 1})
	}
	inject(t, from, mockserver.Fault{Effect: mockserver.Outage, Operation: mockserver.Resource, From: 3, Times: 1})
	var out strings.Builder
	if err := run(t.Context(), at(from, "root"), at(to, "root"), &out); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d copied, 0 were there\n", stock); !strings.HasSuffix(out.String(), want) {
		t.Errorf("it says\n%s", out.String())
	}
	expectAllOnce(t, to)
	for _, mock := range []*mockserver.Server{from, to} {
		mock.AssertCalls(t, mockserver.Login, 3)  // the first, after the rejection, after the end
		mock.AssertCalls(t, mockserver.Revoke, 1) // Close
	}
}

// TestStopAndGoOn: Ctrl-C in the middle logs out at both; the next run copies the rest.
func TestStopAndGoOn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	from, to := offices(t, func(_, _ *mockserver.Server) { cancel() })
	err := run(ctx, at(from, "root"), at(to, "root"), io.Discard)
	if !errors.Is(err, context.Canceled) || exitCode(err) != 130 {
		t.Errorf("Ctrl-C gives %v", err)
	}
	for _, mock := range []*mockserver.Server{from, to} {
		mock.AssertCalls(t, mockserver.Revoke, 1)
	}
	if n := len(copies(t, to)); n >= stock {
		t.Fatalf("%d objects: it did not stop in the middle", n)
	}
	var out strings.Builder
	if err := run(t.Context(), at(from, "root"), at(to, "root"), &out); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d copied, %d were there\n", stock/2, stock/2); !strings.HasSuffix(out.String(), want) {
		t.Errorf("the second run says\n%s", out.String())
	}
	expectAllOnce(t, to)
}

// TestErrors: each kind of failure has its exit code.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		login    string // at the target
		password string
		fault    mockserver.Fault // of the target, where it has an effect
		want     int
	}{
		"a wrong password": {login: "root", password: "wrong", want: 2},
		"no right":         {login: "clerk", password: "clerk", want: 2},
		"an outage": {login: "root", password: "root", want: 3, fault: mockserver.Fault{
			Effect: mockserver.Outage, Operation: mockserver.Resource, From: 5, Times: 1,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := offices(t, func(_, _ *mockserver.Server) {})
			if c.fault.Effect != "" {
				inject(t, to, c.fault)
			}
			target := account{url: to.URL, login: c.login, password: sdk.NewSecret(c.password)}
			if err := run(t.Context(), at(from, "root"), target, io.Discard); err == nil || exitCode(err) != c.want {
				t.Errorf("%v gives the exit code %d, want %d", err, exitCode(err), c.want)
			}
		})
	}
}
