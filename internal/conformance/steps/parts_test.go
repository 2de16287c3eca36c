package steps

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// These tests look inside the package: the parts have no names outside, and
// the features reach only some of their edges.

func answerOf(status int, body string, header ...string) *Answer {
	a := &Answer{Status: status, Header: http.Header{}, Body: body}
	for i := 0; i+1 < len(header); i += 2 {
		a.Header.Add(header[i], header[i+1])
	}
	return a
}

const someJWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyb290In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"

func TestFindToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer *Answer
		found  bool
	}{
		"nothing":            {answerOf(401, ""), false},
		"an error":           {answerOf(401, `{"error":"invalid_token","token_type":"Bearer","token_name":"auth_token"}`), false},
		"empty members":      {answerOf(401, `{"token":"","access_token":null,"refreshToken":{}}`), false},
		"anti-forgery":       {answerOf(401, `{"csrf_token":"c0ffee"}`, "Set-Cookie", "XSRF-TOKEN=c0ffee"), false},
		"a session cookie":   {answerOf(401, "", "Set-Cookie", "sid=c0ffee; Path=/"), false},
		"a member":           {answerOf(401, `{"token":"c0ffee"}`), true},
		"a dashed member":    {answerOf(401, `{"a":[{"Refresh-Token":"c0ffee"}]}`), true},
		"a token value":      {answerOf(200, `{"token_value":"c0ffee","error_code":"X"}`), true},
		"a header":           {answerOf(401, "", "X-Auth-Bearer", "c0ffee"), true},
		"the first cookie":   {answerOf(401, "", "Set-Cookie", "token=c0ffee; Path=/", "Set-Cookie", "a=b"), true},
		"the second cookie":  {answerOf(401, "", "Set-Cookie", "a=b", "Set-Cookie", "token=c0ffee"), true},
		"a JWT in a text":    {answerOf(401, "you are "+someJWT+" now"), true},
		"a JWT in a header":  {answerOf(401, "", "Location", "/#"+someJWT), true},
		"a Rails envelope":   {answerOf(401, `{"data":"`+railsEnvelope+`IjQxZmE5"}`), true},
		"three dotted words": {answerOf(401, "eyJvbmU-something.else-altogether.here"), false},
	} {
		if got := findToken(tt.answer); (got != "") != tt.found {
			t.Errorf("%s: expected found = %v, got %q", name, tt.found, got)
		}
	}
}

func TestLookAlike(t *testing.T) {
	t.Parallel()
	try := func(kind, login string, bodies ...string) attempts {
		return attempts{kind: kind, login: login, answers: [2]*Answer{answerOf(401, bodies[0]), answerOf(401, bodies[1])}}
	}
	for name, tt := range map[string]struct {
		wrong, unknown attempts
		alike          bool
	}{
		"equal":          {try("w", "anna", "no", "no"), try("u", "bert", "no", "no"), true},
		"other words":    {try("w", "anna", "wrong password", "wrong password"), try("u", "bert", "no such user", "no such user"), false},
		"one more word":  {try("w", "anna", "no", "no"), try("u", "bert", "no one", "no one"), false},
		"the login":      {try("w", "anna", "no, Anna", "no, Anna"), try("u", "bert", "no, bert", "no, bert"), true},
		"request ids":    {try("w", "anna", `{"id":1,"e":"no"}`, `{"id":2,"e":"no"}`), try("u", "bert", `{"id":3,"e":"no"}`, `{"id":4,"e":"no"}`), true},
		"member order":   {try("w", "anna", `{"a":1,"e":"no"}`, `{"e":"no","a":1}`), try("u", "bert", ` {"e":"no","a":1}`, `{"e":"no","a":1}`), true},
		"another member": {try("w", "anna", `{"e":"no"}`, `{"e":"no"}`), try("u", "bert", `{"e":"no","x":null}`, `{"e":"no","x":null}`), false},
		"counted down":   {try("w", "anna", `{"left":4}`, `{"left":3}`), try("u", "bert", `{"left":null}`, `{"left":null}`), true},
		"another type":   {try("w", "anna", `{"e":"1"}`, `{"e":"1"}`), try("u", "bert", `{"e":1}`, `{"e":1}`), false},
		"empty and not":  {try("w", "anna", "", ""), try("u", "bert", "{}", "{}"), false},
	} {
		if err := lookAlike(tt.wrong, tt.unknown); (err == nil) != tt.alike {
			t.Errorf("%s: expected alike = %v, got %v", name, tt.alike, err)
		}
	}
	wrong, unknown := try("w", "anna", "no", "no"), try("u", "bert", "no", "no")
	unknown.answers[1].Status = 404
	if lookAlike(wrong, unknown) == nil {
		t.Error("expected another status to be seen")
	}
}

func TestUnguessable(t *testing.T) {
	t.Parallel()
	for token, expected := range map[string]string{
		"9f8h9":                    "9f8h9",
		someJWT:                    someJWT[strings.LastIndexByte(someJWT, '.')+1:],
		railsEnvelope + "IjQx--ab": "IjQx--ab",
		"a.b.c":                    "a.b.c",
	} {
		if got := unguessable(token); got != expected {
			t.Errorf("%s: expected %q, got %q", token, expected, got)
		}
	}
}

func TestVaryingBits(t *testing.T) {
	t.Parallel()
	const n = 200
	hexes, counted, labelled := make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		hexes[i] = randomHex(16)
		counted[i] = strings.Repeat("0", 30) + string(rune('a'+i%26)) + string(rune('a'+i/26))
		labelled[i] = "office_" + randomHex(15)
	}
	for name, tt := range map[string]struct {
		texts       []string
		least, most float64
	}{
		"128 random bits":         {hexes, 127, 129},
		"120 bits behind a label": {labelled, 119, 121},
		"a count":                 {counted, 1, 9},
		"all the same":            {[]string{"abc", "abc"}, 0, 0},
	} {
		if bits := varyingBits(tt.texts); bits < tt.least || bits > tt.most {
			t.Errorf("%s: expected between %v and %v bits, got %v", name, tt.least, tt.most, bits)
		}
	}
}

func TestUnknownLike(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"root", "r", "anna.lee7@example.com", "+48 123-456", "żółw", "---", "a@b@c"} {
		made := unknownLike(login)
		if made == login {
			t.Errorf("%q: expected another login, got the same", login)
		}
		_, domain, _ := strings.Cut(login, "@")
		if !strings.HasSuffix(made, domain) {
			t.Errorf("%q: expected the domain to stay, got %q", login, made)
		}
		if strings.ContainsFunc(login, isPlain) && len(made) != len(login) {
			t.Errorf("%q: expected the same length, got %q", login, made)
		}
	}
}

func TestReadValidTo(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		text, format, zone string
		expected           time.Time
	}{
		{"2026-03-14T12:00:00Z", "", "", noon},
		{"2026-03-14T13:00:00.000+01:00", "auto", "", noon},
		{"2026-03-14T12:00:00", "auto", "", noon},
		{"2026-03-14 13:00:00", "auto", "Europe/Warsaw", noon},
		{"1773489600", "auto", "", noon},
		{"1773489600000", "auto", "", noon},
		{"1773489600.5", "auto", "", noon.Add(500 * time.Millisecond)},
		{"2026-03-14T12:00:00Z", "rfc3339", "", noon},
		{"2026-03-14 12:00:00", "datetime", "", noon},
		{"1773489600", "epoch_seconds", "", noon},
		{"1773489600000", "epoch_millis", "", noon},
		{"14.03.2026 17:30", "02.01.2006 15:04", "Asia/Kolkata", noon},
		{"1773489600", "rfc3339", "", time.Time{}},
		{"2026-03-14T12:00:00Z", "epoch_seconds", "", time.Time{}},
		{"tomorrow", "auto", "", time.Time{}},
		{"-1", "auto", "", time.Time{}},
		{"NaN", "auto", "", time.Time{}},
		{"2026-03-14 12:00:00", "datetime", "Nowhere/Land", time.Time{}},
	} {
		got, err := readValidTo(tt.text, tt.format, tt.zone)
		if tt.expected.IsZero() != (err != nil) || err == nil && !got.Equal(tt.expected) {
			t.Errorf("%q as %q in %q: expected %v, got %v, %v", tt.text, tt.format, tt.zone, tt.expected, got, err)
		}
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	const n = 20
	arrived := make(chan struct{}, n)
	all := make(chan struct{})
	go func() {
		for range n {
			<-arrived
		}
		close(all)
	}()
	for i, got := range together(n, func(i int) int { // hangs unless all run at once
		arrived <- struct{}{}
		<-all
		return i
	}) {
		if got != i {
			t.Errorf("expected result %d in its place, got %d", i, got)
		}
	}
	for i, got := range severalAtATime(n, 3, func(i int) int { return i }) {
		if got != i {
			t.Errorf("expected result %d in its place, got %d", i, got)
		}
	}
}

// TestOversizedReadsAnEarlyAnswer: a server may answer and close before it has
// read the request, so that writing fails.
func TestOversizedReadsAnEarlyAnswer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		for i := 0; ; i++ {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(connection).ReadString('\n')
			if i > 0 { // the first time it says nothing at all
				_, _ = io.WriteString(connection, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
			}
			connection.Close()
		}
	}()
	log := &evidence.Log{}
	w := &World{log: log, subject: &Subject{
		HTTP: "http://" + listener.Addr().String(), Clock: standingClock{}, Secrets: &evidence.Secrets{}, Timeout: 10 * time.Second,
	}}
	r, err := padded(request(http.MethodPost, "/login").withBody(formContentType, "a=b"), 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.oversized(t.Context(), r); err != nil {
		t.Error(err)
	} else if w.last.Status != 413 || w.last.Body != "no" {
		t.Errorf("expected the early answer, got %s", w.last.brief())
	}
	listener.Close()
	<-served
	if err := w.oversized(t.Context(), r); err == nil {
		t.Error("expected an error where nobody listens")
	}
	if kept := log.Exchanges(nil); len(kept) < 2 || len(kept[0].RequestBody) > 1<<20 {
		t.Errorf("expected short evidence of each try, got %d exchanges", len(kept))
	}
}

type standingClock struct{}

func (standingClock) Now() time.Time                               { return time.Unix(0, 0) }
func (standingClock) Advance(context.Context, time.Duration) error { return nil }

func TestPadded(t *testing.T) {
	t.Parallel()
	for body, expected := range map[string]string{`{"a":1}`: `{"filler":"aaa","a":1}`, "a=1": "filler=aaa&a=1", "": ""} {
		r, err := padded(Request{Body: body}, 3)
		if (err != nil) != (expected == "") || r.Body != expected {
			t.Errorf("%q: expected %q, got %q, %v", body, expected, r.Body, err)
		}
	}
}

func FuzzGarble(f *testing.F) {
	for _, token := range []string{"", "9", "9f8h9", "----", someJWT, railsEnvelope + "IjQx--ab", "a.b.c", "ŻÓŁW"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		plain := strings.ContainsFunc(token, isPlain)
		for _, garbled := range append(garblings(token), garbleToken(token)) {
			if len(garbled) != len(token) {
				t.Errorf("%q: expected the same length, got %q", token, garbled)
			}
			if plain && garbled == token {
				t.Errorf("%q: expected another token, got the same", token)
			}
		}
		_ = unguessable(token)
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add(`{"token":"x","a":[{"b":null}]}`, "text/plain; charset=x", "anna")
	f.Add("İ anna", "", "ANNA")
	f.Fuzz(func(t *testing.T, body, header, login string) {
		a := answerOf(401, body, "Set-Cookie", header)
		_ = findToken(a)
		same := attempts{kind: "one", login: login, answers: [2]*Answer{a, a}}
		if err := lookAlike(same, same); err != nil {
			t.Errorf("expected an answer to look like itself, got %v", err)
		}
	})
}

func FuzzReadValidTo(f *testing.F) {
	f.Add("2026-03-14T12:00:00Z", "auto")
	f.Add("1e15", "epoch_millis")
	f.Fuzz(func(t *testing.T, text, format string) {
		_, _ = readValidTo(text, format, "UTC")
	})
}
