package mockserver_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// answer is what a client of net/http got.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// get asks for the items of the form dialect.
func get(t *testing.T, client *http.Client, mock *mockserver.Server, token string) answer {
	t.Helper()
	return ask(t, client, mock, http.MethodGet, "/items", "", "X-Auth-Bearer: "+token)
}

func ask(t *testing.T, client *http.Client, mock *mockserver.Server, method, path, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, mock.URL+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err} // not the end of the test: some ask in a goroutine
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(text), err}
}

func issue(t *testing.T, mock *mockserver.Server, dialect string) mockserver.Tokens {
	t.Helper()
	tokens, err := mock.Issue(dialect, "root")
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func inject(t *testing.T, mock *mockserver.Server, f mockserver.Fault) *mockserver.Injection {
	t.Helper()
	i, err := mock.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// effects are the effects on GET /items, and how a client sees them.
var effects = []struct {
	fault mockserver.Fault
	seen  func(answer) bool
}{
	{mockserver.Fault{Effect: mockserver.Status}, func(a answer) bool { return a.status == 500 && json.Valid([]byte(a.body)) }},
	{mockserver.Fault{Effect: mockserver.Status, Status: 418}, func(a answer) bool { return a.status == 418 }},
	{mockserver.Fault{Effect: mockserver.Outage, RetryAfter: mockserver.Duration(1500 * time.Millisecond)}, func(a answer) bool {
		return a.status == 503 && a.header.Get("Retry-After") == "2"
	}},
	{mockserver.Fault{Effect: mockserver.Quota, RetryAfterDate: true}, func(a answer) bool {
		at, err := http.ParseTime(a.header.Get("Retry-After"))
		date, _ := http.ParseTime(a.header.Get("Date"))
		return a.status == 429 && err == nil && at.After(date)
	}},
	{mockserver.Fault{Effect: mockserver.Reset}, func(a answer) bool { return a.err != nil }},
	{mockserver.Fault{Effect: mockserver.Close}, func(a answer) bool { return a.err != nil && !errors.Is(a.err, syscall.ECONNRESET) }},
	{mockserver.Fault{Effect: mockserver.LostReply}, func(a answer) bool { return a.err != nil }},
	{mockserver.Fault{Effect: mockserver.Truncate}, func(a answer) bool { return a.status == 200 && a.err != nil && a.body != "" }},
	{mockserver.Fault{Effect: mockserver.Garble}, func(a answer) bool { return a.status == 200 && a.err == nil && !json.Valid([]byte(a.body)) }},
	{mockserver.Fault{Effect: mockserver.ContentType}, func(a answer) bool {
		return a.header.Get("Content-Type") == "text/html" && json.Valid([]byte(a.body))
	}},
	{mockserver.Fault{Effect: mockserver.Skew, Skew: mockserver.Duration(-time.Hour)}, func(a answer) bool {
		date, err := http.ParseTime(a.header.Get("Date"))
		return err == nil && time.Since(date) > 59*time.Minute && json.Valid([]byte(a.body))
	}},
	{mockserver.Fault{Effect: mockserver.Reject}, func(a answer) bool { return a.status == 401 && a.header.Get("WWW-Authenticate") != "" }},
	{mockserver.Fault{Effect: mockserver.Redirect, Location: "/elsewhere"}, func(a answer) bool {
		return a.status == 307 && a.header.Get("Location") == "/elsewhere"
	}},
	{mockserver.Fault{Effect: mockserver.Redirect, Status: 302}, func(a answer) bool {
		return a.status == 302 && strings.Contains(a.header.Get("Location"), "://") && strings.HasSuffix(a.header.Get("Location"), "/items")
	}},
	{mockserver.Fault{Effect: mockserver.Delay, Delay: mockserver.Duration(time.Millisecond)}, func(a answer) bool { return a.status == 200 }},
	{mockserver.Fault{Effect: mockserver.Slow, Bytes: 64, Delay: mockserver.Duration(time.Millisecond)}, func(a answer) bool {
		return a.status == 200 && a.err == nil && json.Valid([]byte(a.body))
	}},
	{mockserver.Fault{Effect: mockserver.Gzip}, func(a answer) bool {
		unpacked, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			return false
		}
		text, err := io.ReadAll(unpacked)
		return err == nil && a.header.Get("Content-Encoding") == "gzip" && json.Valid(text)
	}},
}

// plain is a client that neither follows redirects nor sends a request again, nor
// asks for a content coding.
func plain(mock *mockserver.Server) *http.Client {
	client := *mock.Client()
	transport := client.Transport.(*http.Transport).Clone()
	transport.DisableCompression, transport.DisableKeepAlives = true, true
	client.Transport = transport
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// TestEffects meets the second request of three with each fault, over HTTP/1.1,
// HTTP/2 and in memory: only that one is affected, once, and the journal says so.
func TestEffects(t *testing.T) {
	t.Parallel()
	for network, options := range map[string][]mockserver.Option{
		"HTTP/1.1": nil, "HTTP/2": {mockserver.WithTLS()}, "memory": {mockserver.WithMemory()},
	} {
		for _, test := range effects {
			t.Run(network+"/"+string(test.fault.Effect), func(t *testing.T) {
				t.Parallel()
				mock := mockserver.New(t, append(options, mockserver.WithDialects("form"))...)
				client, token := plain(mock), issue(t, mock, "form").Access
				test.fault.From, test.fault.Times, test.fault.Operation = 2, 1, mockserver.Resource
				injected := inject(t, mock, test.fault)
				for n := range 3 {
					a := get(t, client, mock, token)
					if affected := n == 1; affected != test.seen(a) && (affected || test.fault.Effect != mockserver.Delay && test.fault.Effect != mockserver.Slow) {
						t.Errorf("request %d: affected %v, got %+v", n+1, affected, a)
					}
				}
				if injected.Count() != 1 {
					t.Errorf("the fault counts %d requests, want 1", injected.Count())
				}
				for n, r := range mock.Requests() {
					if (r.Fault == test.fault.Effect) != (n == 1) || r.Attempt != n+1 || r.Session != "session-1" {
						t.Errorf("request %d in the journal: %+v", n+1, r)
					}
				}
			})
		}
	}
}

// TestResetIsReset sees a reset as the system tells of it.
func TestResetIsReset(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	inject(t, mock, mockserver.Fault{Effect: mockserver.Reset})
	if a := get(t, plain(mock), mock, "x"); !errors.Is(a.err, syscall.ECONNRESET) {
		t.Errorf("the client saw %+v", a)
	}
}

// TestLostReplyIsCommitted loses the answer to a refresh: the server has rotated.
func TestLostReplyIsCommitted(t *testing.T) {
	t.Parallel()
	for effect, committed := range map[mockserver.Effect]bool{mockserver.LostReply: true, mockserver.Truncate: true, mockserver.Reset: false, mockserver.Close: false, mockserver.Outage: false} {
		mock := mockserver.New(t, mockserver.WithDialects("session"))
		tokens := issue(t, mock, "session")
		inject(t, mock, mockserver.Fault{Effect: effect, Operation: mockserver.Renewal, Times: 1})
		ask(t, plain(mock), mock, http.MethodPost, "/tokens", `{"refresh_token":"`+tokens.Refresh+`"}`, "Authorization: Bearer "+tokens.Access)
		requests := mock.Requests()
		if len(requests) != 1 || requests[0].Succeeded() != committed {
			t.Errorf("%s: the journal is %v, want committed: %v", effect, requests, committed)
		}
	}
}

// TestRejectedTokenStaysValid rejects a token once; a revocation is permanent, and
// for the whole session.
func TestRejectedTokenStaysValid(t *testing.T) {
	t.Parallel()
	for effect, after := range map[mockserver.Effect]int{mockserver.Reject: 200, mockserver.RevokeBefore: 401} {
		mock := mockserver.New(t, mockserver.WithDialects("form"))
		token := issue(t, mock, "form").Access
		inject(t, mock, mockserver.Fault{Effect: effect, Times: 1})
		first, second := get(t, mock.Client(), mock, token), get(t, mock.Client(), mock, token)
		if first.status != 401 || second.status != after {
			t.Errorf("%s: statuses %d and %d, want 401 and %d", effect, first.status, second.status, after)
		}
	}
}

// TestRefusals refuses logins with errors of the dialects.
func TestRefusals(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t)
	inject(t, mock, mockserver.Fault{Effect: mockserver.Refuse, Dialect: "session"})
	inject(t, mock, mockserver.Fault{Effect: mockserver.Refuse, Error: "ALREADY_LOGGED", Times: 1})
	if a := ask(t, mock.Client(), mock, http.MethodPost, "/sessions", login); a.status != 401 || !strings.Contains(a.body, "error_message") {
		t.Errorf("session: %+v", a)
	}
	body := `{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":"root","password":"root"}}`
	for _, want := range []string{"AUTHENTICATE_CODE_ALREADY_LOGGED", "AUTHENTICATE_CODE_OK"} {
		a := ask(t, mock.Client(), mock, http.MethodPost, "/grpc", body, "Authorization: Basic cm9vdDpyb290")
		if a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("rpc: want %s, got %+v", want, a)
		}
	}
}

// TestWhichRequests counts which of ten requests a fault affects.
func TestWhichRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault mockserver.Fault
		want  string
	}{
		"all":               {mockserver.Fault{}, "xxxxxxxxxx"},
		"first":             {mockserver.Fault{Times: 1}, "x........."},
		"from":              {mockserver.Fault{From: 4}, "...xxxxxxx"},
		"every":             {mockserver.Fault{Every: 3}, "x..x..x..x"},
		"from, every":       {mockserver.Fault{From: 2, Every: 4, Times: 2}, ".x...x...."},
		"a time":            {mockserver.Fault{For: mockserver.Duration(4 * time.Second)}, "xxxx......"},
		"another operation": {mockserver.Fault{Operation: mockserver.Login}, ".........."},
		"another session":   {mockserver.Fault{Session: "session-2"}, ".........."},
		"this session":      {mockserver.Fault{Session: "session-1"}, "xxxxxxxxxx"},
		"path":              {mockserver.Fault{Path: "/items"}, "xxxxxxxxxx"},
		"another path":      {mockserver.Fault{Path: "/item"}, ".........."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := mockserver.New(t, mockserver.WithDialects("form"), mockserver.WithMemory())
			mock.Clock().Stop()
			token := issue(t, mock, "form").Access
			test.fault.Effect = mockserver.Outage
			injected := inject(t, mock, test.fault)
			got := ""
			for range 10 {
				if get(t, mock.Client(), mock, token).status == 503 {
					got += "x"
				} else {
					got += "."
				}
				mock.Advance(time.Second)
			}
			if got != test.want || injected.Count() != strings.Count(test.want, "x") {
				t.Errorf("affected %s (%d), want %s", got, injected.Count(), test.want)
			}
		})
	}
}

// TestShareRepeatsByItsSeed draws the same requests with the same seed.
func TestShareRepeatsByItsSeed(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) string {
		mock := mockserver.New(t, mockserver.WithDialects("form"), mockserver.WithMemory(), mockserver.WithSeed(seed))
		inject(t, mock, mockserver.Fault{Effect: mockserver.Outage, Share: 0.5})
		drawn := ""
		for range 40 {
			drawn += string(rune('0' + get(t, mock.Client(), mock, "x").status/100))
		}
		return drawn
	}
	first := draw(7)
	if again := draw(7); again != first {
		t.Errorf("seed 7 drew %s and %s", first, again)
	}
	if other := draw(8); other == first || !strings.Contains(first, "5") || !strings.Contains(first, "4") {
		t.Errorf("seed 8 drew %s, seed 7 %s", other, first)
	}
}

// TestDelays waits in the time of the bubble, longer with each request.
func TestDelays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := mockserver.New(t, mockserver.WithDialects("form"), mockserver.WithMemory())
		inject(t, mock, mockserver.Fault{Effect: mockserver.Delay, Delay: mockserver.Duration(time.Minute), Growth: mockserver.Duration(time.Hour)})
		for _, want := range []time.Duration{time.Minute, time.Hour + time.Minute, 2*time.Hour + time.Minute} {
			began := time.Now()
			if get(t, mock.Client(), mock, "x"); time.Since(began) != want {
				t.Errorf("the answer took %v, want %v", time.Since(began), want)
			}
		}
	})
}

// TestFaultsThatCannotBe says what is wrong with a fault.
func TestFaultsThatCannotBe(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form", "rpc"))
	for want, f := range map[string]mockserver.Fault{
		`no effect ""`:                                           {},
		`no effect "explode"`:                                    {Effect: "explode"},
		`no operation "lunch"`:                                   {Effect: mockserver.Reset, Operation: "lunch"},
		`does not serve a dialect "scoped"`:                      {Effect: mockserver.Reset, Dialect: "scoped"},
		`"issue" is of scoped, and not of form, rpc`:             {Effect: mockserver.Reset, Operation: mockserver.Issue},
		`"other" belongs to no dialect`:                          {Effect: mockserver.Reset, Operation: mockserver.Other, Dialect: "form"},
		`"login" belongs to no session`:                          {Effect: mockserver.Reset, Operation: mockserver.Login, Session: "session-1"},
		`"reject" is for requests with a token, and "login" has`: {Effect: mockserver.Reject, Operation: mockserver.Login},
		`"revoke" is for requests with a token, and "other" has`: {Effect: mockserver.RevokeBefore, Operation: mockserver.Other},
		"must not be negative":                                   {Effect: mockserver.Reset, Times: -1},
		"share is above 0":                                       {Effect: mockserver.Reset, Share: 1.5},
		"status 200":                                             {Effect: mockserver.Status, Status: 200},
		`the effect "reset" has no status`:                       {Effect: mockserver.Reset, Status: 500},
		`the effect "delay" needs a delay`:                       {Effect: mockserver.Delay},
		`needs skew`:                                             {Effect: mockserver.Skew},
		`the effect "reset" has no retry_after`:                  {Effect: mockserver.Reset, RetryAfter: 1},
		`the effect "outage" has no location`:                    {Effect: mockserver.Outage, Location: "/x"},
		`the effect "garble" has no content_type`:                {Effect: mockserver.Garble, ContentType: "x/y"},
		`the effect "delay" has no bytes`:                        {Effect: mockserver.Delay, Delay: 1, Bytes: 1},
		`the effect "status" has no skew`:                        {Effect: mockserver.Status, Skew: 1},
		`the effect "status" has no error`:                       {Effect: mockserver.Status, Error: "USER_LOCKED"},
		`the effect "slow" has no growth`:                        {Effect: mockserver.Slow, Delay: 1, Growth: 1},
		"retry_after_date needs retry_after":                     {Effect: mockserver.Outage, RetryAfterDate: true},
		"a path begins with a slash":                             {Effect: mockserver.Outage, Path: "GET /users"},
		"a redirect answers 300 to 399":                          {Effect: mockserver.Redirect, Status: 500},
		`no error "TIRED"`:                                       {Effect: mockserver.Refuse, Error: "TIRED"},
		`"form" has no error "USER_LOCKED"`:                      {Effect: mockserver.Refuse, Error: "USER_LOCKED", Dialect: "form"},
		`the effect "refuse" is for logins`:                      {Effect: mockserver.Refuse, Operation: mockserver.Renewal},
	} {
		if _, err := mock.Inject(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: the error is %v, want %q", f, err, want)
		}
	}
	for range 20 { // several mistakes, one error
		_, err := mock.Inject(mockserver.Fault{Effect: mockserver.Delay, Delay: 1, Location: "/x", Bytes: 1, Error: "TIRED"})
		if err == nil || !strings.Contains(err.Error(), "has no location") {
			t.Errorf("with several mistakes the error is %v", err)
		}
	}
	if got := len(mock.Faults()); got != 0 {
		t.Errorf("%d faults were injected", got)
	}
}

// TestARenewalIsNotOfEveryDialect: a token of the scoped dialect is not renewed.
func TestARenewalIsNotOfEveryDialect(t *testing.T) {
	t.Parallel()
	renewal := mockserver.Fault{Effect: mockserver.Outage, Operation: mockserver.Renewal}
	inject(t, mockserver.New(t), renewal)
	inject(t, mockserver.New(t, mockserver.WithDialects("scoped", "session")), renewal)
	if _, err := mockserver.New(t, mockserver.WithDialects("scoped")).Inject(renewal); err == nil {
		t.Error("a fault was injected that no request can meet")
	}
}

// TestFaultsAreRemoved removes one of two faults, and then all.
func TestFaultsAreRemoved(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithDialects("form"))
	first := inject(t, mock, mockserver.Fault{Effect: mockserver.Outage})
	second := inject(t, mock, mockserver.Fault{Effect: mockserver.Quota})
	statuses := []int{get(t, mock.Client(), mock, "x").status}
	first.Remove()
	statuses = append(statuses, get(t, mock.Client(), mock, "x").status)
	mock.Reset()
	statuses = append(statuses, get(t, mock.Client(), mock, "x").status)
	if statuses[0] != 503 || statuses[1] != 429 || statuses[2] != 401 || second.ID() == first.ID() {
		t.Errorf("statuses %v", statuses)
	}
	if len(mock.Requests()) != 1 {
		t.Errorf("after a reset the journal is %v", mock.Requests())
	}
}
