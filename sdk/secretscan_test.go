package sdk_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
)

// secretScanner collects everything that was printed and looks for secrets in it.
type secretScanner struct {
	mu      sync.Mutex
	printed bytes.Buffer
	things  int
}

// Write makes the scanner the sink of a logger.
func (c *secretScanner) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.printed.Write(p)
}

// show prints a value in every way that there is, also from inside another.
func (c *secretScanner) show(value any) {
	type hidden struct{ value any } // methods of unexported fields are not called
	c.print(value)
	c.print(&hidden{value})
}

func (c *secretScanner) print(value any) {
	var all bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
		fmt.Fprintf(&all, verb+"\n", value)
	}
	if text, err := json.Marshal(value); err == nil {
		all.Write(text)
	} else {
		all.WriteString(err.Error())
	}
	if text, err := xml.Marshal(value); err == nil {
		all.Write(text)
	}
	func() {
		defer func() { _ = recover() }() // gob panics at a nil pointer
		_ = gob.NewEncoder(&all).Encode(value)
	}()
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&all, nil), slog.NewTextHandler(&all, nil)} {
		slog.New(handler).Error("scanned", "value", value, slog.Group("group", slog.Any("inside", value)))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.things++
	c.printed.Write(all.Bytes())
	if err, ok := value.(error); ok {
		for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
			fmt.Fprintf(&c.printed, "%v %+v %#v\n", inner, inner, inner)
		}
	}
}

// found looks for each secret as it is and in the encodings that print.
func (c *secretScanner) found() (leaks []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := c.printed.String()
	for _, secret := range secrets() {
		for name, encode := range encodings {
			if i := strings.Index(text, encode(secret)); i >= 0 {
				leaks = append(leaks, fmt.Sprintf("%q (%s) was printed: …%s…", secret, name, text[max(i-200, 0):min(i+100, len(text))]))
			}
		}
	}
	return leaks
}

// encodings are the forms in which a secret may be printed or echoed.
var encodings = map[string]func(string) string{
	"as it is": func(secret string) string { return secret },
	"hex":      func(secret string) string { return fmt.Sprintf("%x", secret) },
	"HEX":      func(secret string) string { return fmt.Sprintf("%X", secret) },
	"query":    url.QueryEscape,
	"JSON":     func(secret string) string { return strings.ReplaceAll(secret, "e", `\u0065`) },
	"base64": func(secret string) string {
		return strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")
	},
	"bytes":        func(secret string) string { return strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]") },
	"in two lines": func(secret string) string { return secret[:5] + "\n" + secret[5:] },
}

// echoingTransport is a transport whose errors quote all that they were given. Logins
// that its office still answers come first.
type echoingTransport struct {
	office http.RoundTripper
	logins atomic.Int32
	encode func(string) string // what it does to what it quotes
}

func (s *echoingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if s.logins.Add(-1) >= 0 {
		return s.office.RoundTrip(request)
	}
	var body []byte
	if request.Body != nil {
		body, _ = io.ReadAll(request.Body)
	}
	if s.encode != nil {
		_, password, _ := request.BasicAuth()
		given, text := fmt.Sprint(request.URL, request.Header, string(body), password), "cannot send"
		for _, secret := range secrets() {
			if strings.HasSuffix(secret, "-") {
				secret += "1" // tokens are numbered
			}
			if strings.Contains(given, secret) {
				text += " " + s.encode(secret)
			}
		}
		return nil, errors.New(text)
	}
	return nil, &url.Error{Op: request.Method, URL: request.URL.String(), Err: fmt.Errorf("cannot send %s %v %s", request.URL, request.Header, body)}
}

func newEchoing(o *fakeoffice.Office, logins int32) *echoingTransport {
	s := &echoingTransport{office: memhttp.Transport(o)}
	s.logins.Store(logins)
	return s
}

// echo answers with what it was sent, in every member that a client may read.
func echo(status int) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/things") {
			return false
		}
		body, _ := io.ReadAll(r.Body)
		all := fmt.Sprint(string(body), r.Header, r.URL, fakeoffice.Password, " secret-access-1 secret-refresh-1")
		quoted, _ := json.Marshal(all)
		password, _ := json.Marshal(fakeoffice.Password)
		w.Header().Set("Location", "https://elsewhere.example/?"+url.QueryEscape(all))
		w.Header().Set("Retry-After", fakeoffice.Password)
		w.Header().Set("Date", fakeoffice.Password)
		w.WriteHeader(status)
		for _, member := range []string{"error_code", "name", "code", "errorMessage", "message", "expires_at", "validTo", "token_type", "_id"} {
			_, _ = fmt.Fprintf(w, `{"%s":%s,"x":%s,`, member, password, quoted)
		}
		_, _ = fmt.Fprintf(w, `{"error_code":%s,"name":%s,"code":%s,"token_type":%s}`, password, password, password, password)
		return true
	}
}

// member answers with one member that quotes the password.
func member(status int, name string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/things") {
			return false
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{
			name: fakeoffice.Password, "access_token": "secret-access-1", "token_value": "secret-access-1", "token": "secret-access-1",
		})
		return true
	}
}

// operations does all that can be done with a client and shows what comes back.
func (c *secretScanner) operations(ctx context.Context, client *sdk.Client) {
	c.show(client)
	c.show(client.Dialect())
	c.show(client.Login(ctx))
	token, err := client.Token(ctx)
	c.show(err)
	c.show(token)
	c.show(&token)
	c.show(token.Access)
	c.show(&token.Refresh)
	c.show(sdk.Record{Token: token})
	token, err = client.Renew(ctx)
	c.show(token)
	c.show(err)
	response, err := client.R(ctx).Get("/things")
	c.show(err)
	c.show(response.StatusCode())
	if raw := response.RawResponse; raw != nil {
		c.show(raw.Request.Header)
	}
	reply, err := client.Do(ctx, sdk.Call{Op: "ask", Method: http.MethodPost, Path: "/things", Query: url.Values{"x": {"my-own-secret"}}, JSON: map[string]string{"pass": "my-own-secret"}})
	c.show(reply)
	c.show(err)
	_, err = client.Inspect(ctx)
	c.show(err)
	_, err = form.Of(client).Validate(ctx)
	c.show(err)
	_, err = scoped.Of(client).List(ctx)
	c.show(err)
	fmt.Fprintf(c, "%[1]v %+[1]v %#[1]v %[1]s %[1]q %[1]x", sdk.Call{Path: "/x", Query: url.Values{"token": {"my-own-secret"}}, JSON: "my-own-secret"})
	c.show(client.Logout(ctx))
}

func TestNoSecretIsEverPrinted(t *testing.T) {
	t.Parallel()
	sink := &secretScanner{}
	logger := sdk.LogObserver(slog.New(slog.NewJSONHandler(sink, &slog.HandlerOptions{Level: slog.LevelDebug})))
	events := sdk.ObserverFunc(func(_ context.Context, event sdk.Event) { sink.show(event); sink.show(&event) })
	worlds := map[string]func(o *fakeoffice.Office) http.RoundTripper{
		"good":         func(o *fakeoffice.Office) http.RoundTripper { return memhttp.Transport(o) },
		"unreachable":  func(o *fakeoffice.Office) http.RoundTripper { return newEchoing(o, 0) },
		"then away":    func(o *fakeoffice.Office) http.RoundTripper { return newEchoing(o, 1) },
		"rejecting":    func(o *fakeoffice.Office) http.RoundTripper { o.Life = 0; return memhttp.Transport(o) },
		"panicking":    func(o *fakeoffice.Office) http.RoundTripper { return panicking(o) },
		"then bad":     func(o *fakeoffice.Office) http.RoundTripper { return turning(o, echo(http.StatusUnauthorized)) },
		"then echoing": func(o *fakeoffice.Office) http.RoundTripper { return turning(o, echo(http.StatusOK)) },
	}
	for name, encode := range encodings {
		if name == "bytes" {
			continue // nobody echoes that
		}
		worlds["unreachable, "+name] = func(o *fakeoffice.Office) http.RoundTripper {
			transport := newEchoing(o, 0)
			transport.encode = encode
			return transport
		}
		worlds["then away, "+name] = func(o *fakeoffice.Office) http.RoundTripper {
			transport := newEchoing(o, 1)
			transport.encode = encode
			return transport
		}
	}
	for _, status := range []int{200, 302, 400, 401, 403, 404, 429, 500, 503} {
		worlds[fmt.Sprint("echo ", status)] = func(o *fakeoffice.Office) http.RoundTripper {
			o.Intercept = echo(status)
			return memhttp.Transport(o)
		}
		if status != 200 && status != 401 {
			continue
		}
		for _, name := range []string{"error_code", "name", "code", "expires_at", "validTo", "token_type", "expires_in", "issuedAt", "grpcErrorCode"} {
			worlds[fmt.Sprint(name, " ", status)] = func(o *fakeoffice.Office) http.RoundTripper {
				o.Intercept = member(status, name)
				return memhttp.Transport(o)
			}
		}
	}
	for _, transport := range worlds {
		for _, d := range allDialects() {
			client, err := sdk.New("https://office.example", d.new(), sdk.WithHTTPTransport(transport(fakeoffice.New())),
				sdk.WithObserver(logger), sdk.WithObserver(events), sdk.WithoutBackgroundRenewal())
			if err != nil {
				t.Fatal(err)
			}
			sink.operations(t.Context(), client)
			sink.show(client.Close(t.Context()))
			_, err = client.Token(t.Context())
			sink.show(err)
		}
	}
	for _, leak := range sink.found() {
		t.Error(leak)
	}
	if sink.things < 10_000 {
		t.Errorf("only %d things were printed: this checks little", sink.things)
	}
}

// turning is an office that goes bad after its first answer.
func turning(o *fakeoffice.Office, bad func(w http.ResponseWriter, r *http.Request) bool) http.RoundTripper {
	answers := 0
	o.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		answers++
		return answers > 1 && bad(w, r)
	}
	return memhttp.Transport(o)
}

// panicking is an office that panics at every login.
func panicking(o *fakeoffice.Office) http.RoundTripper {
	o.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if _, _, basic := r.BasicAuth(); basic || r.Method == http.MethodPost && strings.Contains("/sessions /login /api/v1/auth/token", r.URL.Path) {
			body, _ := io.ReadAll(r.Body)
			panic(fmt.Sprint(r.Header, string(body)))
		}
		return false
	}
	return memhttp.Transport(o)
}

func TestTheSecretScannerFinds(t *testing.T) {
	t.Parallel()
	for _, leak := range []any{
		fakeoffice.Password, errors.New("it was " + fakeoffice.APIKey), []byte("secret-access-7"), map[string]string{"x": "secret-refresh-"},
		struct{ inside string }{fakeoffice.Password},
	} {
		sink := &secretScanner{}
		sink.show(leak)
		if len(sink.found()) == 0 {
			t.Errorf("a leak of %v was not noticed", leak)
		}
	}
}
