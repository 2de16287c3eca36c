package httpio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func request(method, path, body string) *http.Request {
	return httptest.NewRequest(method, path, strings.NewReader(body))
}

func TestBodyAtItsLimit(t *testing.T) {
	t.Parallel()
	body, err := httpio.Body(request("POST", "/", strings.Repeat("x", httpio.MaxBody)))
	if err != nil || len(body) != httpio.MaxBody {
		t.Errorf("a body at the limit: %d bytes (%v)", len(body), err)
	}
	rest := strings.NewReader(strings.Repeat("x", httpio.MaxBody+1000))
	_, err = httpio.Body(httptest.NewRequest(http.MethodPost, "/", rest))
	var bad *httpio.BadRequestError
	if !errors.As(err, &bad) || bad.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over the limit: %v", err)
	}
	if rest.Len() != 0 {
		t.Errorf("%d bytes were left unread, so the client may not see the answer", rest.Len())
	}
}

// TestContentCodings: a body that is coded is refused, one that says it is not is read.
func TestContentCodings(t *testing.T) {
	t.Parallel()
	for coding, want := range map[string]int{"": 0, "identity": 0, "Identity": 0, "gzip": http.StatusUnsupportedMediaType, "identity, gzip": http.StatusUnsupportedMediaType} {
		r := request("POST", "/", "{}")
		r.Header.Set("Content-Encoding", coding)
		body, err := httpio.Body(r)
		var bad *httpio.BadRequestError
		if errors.As(err, &bad) != (want != 0) || want != 0 && bad.Status != want || want == 0 && string(body) != "{}" {
			t.Errorf("Content-Encoding %q: %q, %v", coding, body, err)
		}
	}
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBodyThatIsCutOff(t *testing.T) {
	t.Parallel()
	_, err := httpio.Body(httptest.NewRequest(http.MethodPost, "/", cut{}))
	if problem := httpio.Classify(err); problem.Status != http.StatusBadRequest {
		t.Errorf("a body that is cut off: %+v", problem)
	}
}

// TestBodyInPieces sends bodies with a Content-Length, on both sides of the length
// up to which memory is allocated at once: complete in small pieces, and cut off.
func TestBodyInPieces(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 2, 1<<16 - 1, 1 << 16} {
		text := strings.Repeat("x", length-1) + "y"
		for _, sent := range []int{length, length - 1} {
			r := httptest.NewRequest(http.MethodPost, "/", iotest.HalfReader(io.MultiReader(strings.NewReader(text[:sent]), cut{})))
			if sent == length {
				r.Body = io.NopCloser(iotest.OneByteReader(strings.NewReader(text)))
			}
			r.ContentLength = int64(length)
			body, err := httpio.Body(r)
			if (err == nil) != (sent == length) || err == nil && string(body) != text {
				t.Errorf("of %d bytes %d were sent, and %d read (%v)", length, sent, len(body), err)
			}
		}
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		retry  time.Duration
	}{
		{httpio.BadRequest("x"), 400, 0}, {httpio.ErrUnauthorized, 401, 0}, {account.ErrWrongCredentials, 401, 0}, {account.ErrUnknownKey, 401, 0},
		{grant.ErrInvalid, 401, 0}, {grant.ErrExpired, 401, 0}, {grant.ErrReplayed, 401, 0}, {grant.ErrBearer, 401, 0},
		{httpio.ErrForbidden, 403, 0}, {grant.ErrWider, 403, 0}, {httpio.ErrNotFound, 404, 0}, {grant.ErrNotFound, 404, 0}, {backoffice.ErrNotFound, 404, 0},
		{backoffice.ErrName, 400, 0}, {backoffice.ErrFull, 409, 0}, {&account.ThrottledError{RetryAfter: 7 * time.Second}, 429, 7 * time.Second},
		{&account.OverloadedError{RetryAfter: 7 * time.Second}, 503, 7 * time.Second}, {store.ErrUnavailable, 503, time.Second}, {errors.New("a bug at 10.0.0.1"), 500, 0},
	} {
		problem := httpio.Classify(fmt.Errorf("wrapped: %w", c.err))
		if problem.Status != c.status || problem.RetryAfter != c.retry {
			t.Errorf("%v is %+v, want status %d", c.err, problem, c.status)
		}
		if unexpected := c.status == 500 || errors.Is(c.err, store.ErrUnavailable); problem.Unexpected != unexpected {
			t.Errorf("%v: unexpected is %v", c.err, problem.Unexpected)
		}
		if problem.Unexpected && strings.Contains(problem.Reason, "10.0.0.1") {
			t.Errorf("the reason says too much: %s", problem.Reason)
		}
	}
}

func TestRouter(t *testing.T) {
	t.Parallel()
	router := httpio.NewRouter(slog.New(slog.DiscardHandler), func(w http.ResponseWriter, _ *http.Request, p httpio.Problem) {
		p.WriteHeaders(w, "Bearer")
		httpio.WriteJSON(w, p.Status, p.Reason)
	})
	router.Handle("GET", "/things/:id", func(w http.ResponseWriter, _ *http.Request, p httprouter.Params) error {
		if p.ByName("id") == "locked" {
			return httpio.ErrUnauthorized
		}
		httpio.WriteJSON(w, http.StatusOK, p.ByName("id"))
		return nil
	})
	for _, c := range []struct {
		method, path string
		status       int
		header       string
	}{
		{"GET", "/things/1", 200, ""}, {"GET", "/things/locked", 401, "Www-Authenticate"}, {"POST", "/things/1", 405, "Allow"},
		{"HEAD", "/things/1", 200, ""}, {"HEAD", "/things/locked", 401, "Www-Authenticate"}, {"HEAD", "/things", 404, ""}, {"OPTIONS", "/things/1", 200, "Allow"},
		{"GET", "/things", 404, ""}, {"GET", "/things/", 404, ""}, {"GET", "/things/1/", 404, ""}, {"GET", "/Things/1", 404, ""}, {"GET", "//things/1", 404, ""},
	} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, request(c.method, c.path, ""))
		if w.Code != c.status || c.header != "" && w.Header().Get(c.header) == "" || w.Header().Get("Location") != "" {
			t.Errorf("%s %s answers %d %v, want %d", c.method, c.path, w.Code, w.Header(), c.status)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{"192.0.2.1:80": "192.0.2.1", "[2001:db8::1]:80": "2001:db8::1", "@": "@"} {
		r := request("GET", "/", "")
		r.RemoteAddr = remote
		if got := httpio.Address(r); got != want {
			t.Errorf("the address of %q is %q, want %q", remote, got, want)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":"x"}}`, `{"a":{"b":7}}`, `[]`, ``, `{`, `{"a":null}`, "\xff", `{"a":{"b":"x"}} x`, ` {"a":{}} `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var value struct {
			A struct {
				B string `json:"b"`
			} `json:"a"`
		}
		err := httpio.Unmarshal(body, &value)
		var bad *httpio.BadRequestError
		if err != nil && (!errors.As(err, &bad) || bad.Status != http.StatusBadRequest) {
			t.Errorf("Unmarshal(%q): %v", body, err)
		}
		if err == nil && !json.Valid(body) {
			t.Errorf("Unmarshal accepts %q", body)
		}
	})
}

// TestMembersAreExact: a member in another spelling is an unknown one, a repeated
// one is refused.
func TestMembersAreExact(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"login":"ann"}`:                       "ann",
		`{"login":"ann","LOGIN":"bob"}`:         "ann",
		`{"Login":"bob","login":"ann"}`:         "ann",
		`{"Login":"bob"}`:                       "",
		`{"log\u0069n":"ann"}`:                  "ann",
		`{"login":"ann","login":"bob"}`:         "refused",
		`{"login":"ann","log\u0069n":"bob"}`:    "refused",
		`{"login":"ann","other":1,"other":2}`:   "refused",
		`{"login":"ann","other":{"a":1,"a":2}}`: "refused",
		`{"login":7}`:                           "refused",
		`{"login":"ann"} {}`:                    "refused",
		"{\"login\":\"\xff\"}":                  "refused",
		`{"login":"` + `\ud800` + `"}`:          "refused",
	} {
		var value struct {
			Login string `json:"login"`
		}
		got := "refused"
		if err := httpio.Unmarshal([]byte(body), &value); err == nil {
			got = value.Login
		}
		if got != want {
			t.Errorf("%s is read as %q, want %q", body, got, want)
		}
	}
}
