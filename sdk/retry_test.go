package sdk_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// failingFirst is a transport that fails the first n attempts and answers all
// others with 200. It records the body and the time of each attempt.
type failingFirst struct {
	n, status int         // status of the first n attempts; 0: an error in place of an answer
	after     string      // their Retry-After header, or "" for none
	bodies    []string    // of all attempts
	times     []time.Time // of all attempts
}

func (f *failingFirst) RoundTrip(request *http.Request) (*http.Response, error) {
	body := ""
	if request.Body != nil {
		text, _ := io.ReadAll(request.Body)
		request.Body.Close()
		body = string(text)
	}
	f.bodies, f.times = append(f.bodies, body), append(f.times, time.Now())
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("answer")), Request: request}
	if len(f.times) <= f.n {
		if f.status == 0 {
			return nil, errors.New("connection reset")
		}
		response.StatusCode = f.status
		if f.after != "" {
			response.Header.Set("Retry-After", f.after)
		}
	}
	return response, nil
}

// TestRequestsAreSentAgainWhereAskedFor sends one request to servers that fail
// first. The random number is always 0, so that each pause is as short as it can
// be: 125 ms, then 250 ms, and so on.
func TestRequestsAreSentAgainWhereAskedFor(t *testing.T) {
	t.Parallel()
	three := sdk.WithRetry(3)
	for name, c := range map[string]struct {
		server   failingFirst
		method   string
		header   string
		options  []sdk.Option
		attempts int
		status   int           // 0: an error
		least    time.Duration // that the request takes
	}{
		"by default not":        {failingFirst{n: 1, status: 503}, "GET", "", nil, 1, 503, 0},
		"503":                   {failingFirst{n: 1, status: 503}, "GET", "", []sdk.Option{three}, 2, 200, 125 * time.Millisecond},
		"twice":                 {failingFirst{n: 2, status: 502}, "GET", "", []sdk.Option{three}, 3, 200, 375 * time.Millisecond},
		"three times":           {failingFirst{n: 3, status: 504}, "GET", "", []sdk.Option{three}, 3, 504, 375 * time.Millisecond},
		"429 with Retry-After":  {failingFirst{n: 1, status: 429, after: "3"}, "GET", "", []sdk.Option{three}, 2, 200, 3 * time.Second},
		"a longer wait":         {failingFirst{n: 1, status: 429, after: "61"}, "GET", "", []sdk.Option{three}, 1, 429, 0},
		"no answer":             {failingFirst{n: 1}, "GET", "", []sdk.Option{three}, 2, 200, 125 * time.Millisecond},
		"no answer, ever":       {failingFirst{n: 9}, "GET", "", []sdk.Option{three}, 3, 0, 375 * time.Millisecond},
		"PUT with its body":     {failingFirst{n: 1, status: 503}, "PUT", "", []sdk.Option{three}, 2, 200, 125 * time.Millisecond},
		"POST":                  {failingFirst{n: 1, status: 503}, "POST", "", []sdk.Option{three}, 1, 503, 0},
		"POST with a key":       {failingFirst{n: 1, status: 503}, "POST", "Idempotency-Key", []sdk.Option{three}, 2, 200, 125 * time.Millisecond},
		"500":                   {failingFirst{n: 1, status: 500}, "GET", "", []sdk.Option{three}, 1, 500, 0},
		"a body that is gone":   {failingFirst{n: 1, status: 503}, "PUT", "", []sdk.Option{three, sdk.WithReplayBuffer(0)}, 1, 503, 0},
		"more than the budget":  {failingFirst{n: 99, status: 503}, "GET", "", []sdk.Option{sdk.WithRetry(99)}, 6, 503, 3 * time.Second},
		"more than it has time": {failingFirst{n: 99, status: 503}, "GET", "", []sdk.Option{sdk.WithRetry(99), sdk.WithTimeout(2 * time.Second)}, 5, 503, 1800 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := c.server
				client := newClient(t, &scripted{login: hourly}, append(c.options, sdk.WithHTTPTransport(&server), sdk.WithRand(func() float64 { return 0 }))...)
				var body io.Reader
				want := ""
				if c.method != http.MethodGet {
					want = "the whole body"
					body = &counted{Reader: strings.NewReader(want)}
				}
				request, err := http.NewRequestWithContext(t.Context(), c.method, "https://office.example/x", body)
				if err != nil {
					t.Fatal(err)
				}
				if c.header != "" {
					request.Header.Set(c.header, "1")
				}
				start := time.Now()
				response, err := client.HTTPClient().Do(request)
				status := 0
				if err == nil {
					status = response.StatusCode
					text, bodyErr := io.ReadAll(response.Body)
					response.Body.Close()
					if bodyErr != nil || string(text) != "answer" {
						t.Errorf("the body of the answer: got %q, %v; want \"answer\"", text, bodyErr)
					}
				}
				if status != c.status || len(server.times) != c.attempts || time.Since(start) < c.least {
					t.Errorf("got status %d (%v) after %d attempts and %v; want %d after %d attempts and at least %v", status, err, len(server.times), time.Since(start), c.status, c.attempts, c.least)
				}
				for _, got := range server.bodies {
					if got != want {
						t.Errorf("the body of an attempt: got %q, want %q", got, want)
					}
				}
			})
		})
	}
}

// TestRepetitionsAreATenthOfTheTraffic sends requests to a server that answers
// every second attempt with 503. The client's budget allows five repetitions, and
// one more for every ten answers with another status.
func TestRepetitionsAreATenthOfTheTraffic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := newClient(t, &scripted{login: hourly}, sdk.WithRetry(3), sdk.WithHTTPTransport(roundTripper(func(request *http.Request) (*http.Response, error) {
			response, err := still{}.RoundTrip(request)
			if attempts++; attempts%2 == 0 {
				response.StatusCode = http.StatusServiceUnavailable
			}
			return response, err
		})))
		const requests = 1000
		for range requests {
			if _, err := client.R(t.Context()).Get("/x"); err != nil {
				t.Fatal(err)
			}
		}
		if more := attempts - requests; more < requests/20 || more > requests/10+5 {
			t.Errorf("got %d repetitions of %d requests, want %d to %d", more, requests, requests/20, requests/10+5)
		}
	})
}
