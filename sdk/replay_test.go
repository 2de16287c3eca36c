package sdk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

func TestBodiesAreReplayedRightOrNotAtAll(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	plain := func(body []byte) io.Reader { return bytes.NewReader(body) }
	once := func(body []byte) io.Reader { return &counted{Reader: bytes.NewReader(body)} }
	slowly := func(body []byte) io.Reader {
		return &counted{Reader: io.MultiReader(bytes.NewReader(body[:len(body)/2]), bytes.NewReader(body[len(body)/2:]))}
	}
	waiting := func(body []byte) io.Reader {
		return &counted{Reader: io.MultiReader(bytes.NewReader(body[:len(body)/2]), pausing{}, bytes.NewReader(body[len(body)/2:]))}
	}
	for _, c := range []struct {
		name   string
		size   int
		body   func([]byte) io.Reader
		length bool // the length is announced
		replay bool
	}{
		{"none", 0, func([]byte) io.Reader { return nil }, true, true},
		{"bytes with GetBody", 1000, plain, true, true},
		{"1 MiB with GetBody", limit, plain, true, true},
		{"8 MiB with GetBody", 8 * limit, plain, true, true},
		{"reader", 1000, once, false, true},
		{"reader with its length", 1000, once, true, true},
		{"empty reader", 0, once, false, true},
		{"reader of 1 MiB", limit, once, false, true},
		{"reader of 1 MiB in two parts", limit, slowly, false, true},
		{"reader of 1 MiB and a byte", limit + 1, once, false, false},
		{"reader of 8 MiB", 8 * limit, once, false, false},
		{"reader that waits", 1000, waiting, false, true},
	} {
		for _, early := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/early=%t", c.name, early), func(t *testing.T) {
				t.Parallel()
				l, client, url := newLedger(t, early)
				body := text(c.size)
				reader := c.body(body)
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/x", reader)
				if err != nil {
					t.Fatal(err)
				}
				if c.length {
					request.ContentLength = int64(c.size)
				}
				response, err := client.HTTPClient().Do(request)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				judge(t, l, response.StatusCode, body, c.replay, early)
				if n, ok := reader.(*counted); ok {
					waitClosed(t, &n.closed)
				}
			})
		}
	}
}

func TestFilesAreSoughtBackToWhereTheyStood(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{false, true} {
		l, client, url := newLedger(t, early, sdk.WithReplayBuffer(0))
		content := text(3 << 20)
		name := filepath.Join(t.TempDir(), "upload")
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		const skipped = 1000
		if _, err := file.Seek(skipped, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		upload := &countedFile{File: file}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, upload)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.HTTPClient().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		judge(t, l, response.StatusCode, content[skipped:], true, early)
		waitClosed(t, &upload.closed)
	}
}

func TestRestyBodiesAreReplayedRightOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{false, true} {
		for _, size := range []int{0, 1000, 1 << 20, 8 << 20} {
			body := text(size)
			l, client, _ := newLedger(t, early)
			response, err := client.R(t.Context()).SetBody(io.Reader(&counted{Reader: bytes.NewReader(body)})).Post("/x")
			if err != nil {
				t.Fatal(err)
			}
			// Resty may keep the body itself.
			judge(t, l, response.StatusCode(), body, size <= 1<<20 || response.IsSuccess(), early)

			l, client, _ = newLedger(t, early)
			response, err = client.R(t.Context()).SetBody(body).Post("/x")
			if err != nil {
				t.Fatal(err)
			}
			judge(t, l, response.StatusCode(), body, true, early)
		}
		l, client, _ := newLedger(t, early)
		const boundary = "the-boundary"
		response, err := client.R(t.Context()).SetMultipartBoundary(boundary).
			SetMultipartField("file", "upload.txt", "text/plain", bytes.NewReader(text(1<<20))).
			SetMultipartFormData(map[string]string{"name": "value"}).Post("/x")
		if err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		if response.StatusCode() != http.StatusOK || len(l.accepted) != 1 || !early && (len(l.rejected) != 1 || l.rejected[0] != l.accepted[0]) {
			t.Errorf("multipart: %d, accepted %v, rejected %v", response.StatusCode(), l.accepted, l.rejected)
		}
		if !strings.HasPrefix(l.accepted[0], "104") { // a little over 1 MiB
			t.Errorf("multipart: accepted %v", l.accepted)
		}
		l.mu.Unlock()
	}
}

func TestNothingIsKeptIfNothingMayBe(t *testing.T) {
	t.Parallel()
	l, client, url := newLedger(t, false, sdk.WithReplayBuffer(0))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, &counted{Reader: strings.NewReader("x")})
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	judge(t, l, response.StatusCode, []byte("x"), false, false)
}

func TestWithoutReplayTheOriginalAnswerComesBack(t *testing.T) {
	t.Parallel()
	l, client, url := newLedger(t, false, sdk.WithReplayBuffer(10))
	post := func() *http.Response {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, &counted{Reader: strings.NewReader("over ten bytes")})
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.HTTPClient().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	response := post()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != "late" || response.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %d %q, %v; want the server's own answer", response.StatusCode, body, err)
	}
	// The token is out of use anyway.
	again := post()
	again.Body.Close()
	if again.StatusCode != http.StatusOK || len(l.accepted) != 1 {
		t.Errorf("the next request got %d", again.StatusCode)
	}
}

func TestARejectionThatStaysComesBackWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // a second later, another login would be right
		logins, requests := 0, 0
		rejects := roundTripper(func(request *http.Request) (*http.Response, error) {
			requests++
			return &http.Response{StatusCode: http.StatusUnauthorized, Body: io.NopCloser(strings.NewReader("never")), Request: request}, nil
		})
		client := newClient(t, &scripted{login: func(context.Context) (sdk.Token, error) {
			logins++
			return sdk.Token{Access: sdk.NewSecret(fmt.Sprint("token ", logins))}, nil
		}, renew: func(context.Context, sdk.Token) (sdk.Token, error) {
			return sdk.Token{}, &sdk.Error{Op: "renew", Err: sdk.ErrRefused}
		}}, sdk.WithHTTPTransport(rejects))
		for range 20 {
			response, err := client.R(t.Context()).Get("/x")
			if err != nil || response.StatusCode() != http.StatusUnauthorized || response.String() != "never" {
				t.Fatalf("got %v %q, %v", response.Status(), response, err)
			}
		}
		if logins != 2 {
			t.Errorf("%d logins for a server that rejects everything, want 2: more would not help", logins)
		}
		if requests != 21 {
			t.Errorf("%d requests, want 20 and one replay", requests)
		}
	})
}

// A transport may go on reading a body after its RoundTrip has returned. What
// it reads by then is lost to a second attempt, unless it was kept.
func TestABodyThatIsReadOnWhileTheTokenIsFetched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit int64
		want  string // what the second attempt is sent; "": there is none
	}{{100, "0123456789abcdefghij"}, {15, ""}} {
		var reading io.Reader // the body of the first attempt
		var got string
		transport := roundTripper(func(request *http.Request) (*http.Response, error) {
			response := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: request}
			if reading == nil {
				reading = request.Body
				response.StatusCode = http.StatusUnauthorized
				_, err := io.ReadFull(reading, make([]byte, 10))
				return response, err
			}
			body, err := io.ReadAll(request.Body)
			request.Body.Close()
			got = string(body)
			if _, err := reading.Read(make([]byte, 1)); err == nil {
				t.Error("the first attempt can still read")
			}
			return response, err
		})
		logins := 0
		client := newClient(t, &scripted{login: func(context.Context) (sdk.Token, error) {
			if logins++; logins == 2 {
				_, err := io.ReadFull(reading, make([]byte, 8))
				return tokenOf("second", time.Hour), err
			}
			return tokenOf("first", time.Hour), nil
		}, renew: func(context.Context, sdk.Token) (sdk.Token, error) {
			return sdk.Token{}, &sdk.Error{Op: "renew", Err: sdk.ErrRefused}
		}}, sdk.WithHTTPTransport(transport), sdk.WithReplayBuffer(c.limit))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://office.example/x",
			&counted{Reader: strings.NewReader("0123456789abcdefghij")})
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.HTTPClient().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got != c.want || (response.StatusCode == http.StatusOK) != (c.want != "") {
			t.Errorf("with %d bytes kept the second attempt was sent %q and answered %d", c.limit, got, response.StatusCode)
		}
	}
}
