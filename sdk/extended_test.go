package sdk_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/sdk"
)

// A dialect may extend a token and keep its value, as form does.
func TestARejectionOutlivesAnExtension(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]string{"replayed": http.MethodGet, "not replayed": http.MethodPost} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logins := 0
				slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if r.URL.Path == "/slow" {
						<-time.After(10 * time.Second)
					}
					if strings.HasSuffix(r.Header.Get("Authorization"), " 1") {
						w.WriteHeader(http.StatusUnauthorized)
					}
				})
				client := newClient(t, &scripted{
					login: func(context.Context) (sdk.Token, error) {
						logins++
						return bare(strings.Repeat("1", logins)), nil
					},
					renew: func(_ context.Context, token sdk.Token) (sdk.Token, error) {
						return bare(token.Access.Reveal()), nil
					},
				}, sdk.WithHTTPTransport(memhttp.Transport(slow)), sdk.WithoutBackgroundRenewal(), sdk.WithReplayBuffer(0))
				go func() {
					<-time.After(time.Second)
					if _, err := client.Renew(t.Context()); err != nil {
						t.Errorf("extend: %v", err)
					}
				}()
				request, err := http.NewRequestWithContext(t.Context(), method, "https://office.example/slow", bodyOf(method))
				if err != nil {
					t.Fatal(err)
				}
				answer, err := client.HTTPClient().Do(request)
				want := http.StatusUnauthorized
				if method == http.MethodGet {
					want = http.StatusOK
				}
				if err != nil || answer.StatusCode != want {
					t.Fatalf("got %v, %v; want %d", answer, err, want)
				}
				_ = answer.Body.Close()
				if response, err := client.R(t.Context()).Get("/"); err != nil || response.StatusCode() != http.StatusOK {
					t.Errorf("the next request: %v, %v", response.Status(), err)
				}
			})
		})
	}
}

// bare is a token that is renewed by itself.
func bare(access string) sdk.Token {
	token := tokenOf(access, time.Hour)
	token.Refresh = sdk.Secret{}
	return token
}

// bodyOf is a body that cannot be sent again, for a POST.
func bodyOf(method string) io.Reader {
	if method != http.MethodPost {
		return nil
	}
	return io.MultiReader(strings.NewReader("body"))
}

// A timer that has fired belongs to the token that it was set for.
func TestARenewalJustInTimeIsNotRepeated(t *testing.T) {
	t.Parallel()
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			renewals := 0
			client := newClient(t, &scripted{
				login: func(context.Context) (sdk.Token, error) { return tokenOf("first", 600*time.Second), nil },
				renew: func(context.Context, sdk.Token) (sdk.Token, error) {
					renewals++
					<-time.After(10 * time.Second)
					return tokenOf("next", 600*time.Second), nil
				},
			}, sdk.WithRand(func() float64 { return 0.5 })) // renews after 450 s
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(440 * time.Second)
			if _, err := client.Renew(t.Context()); err != nil {
				t.Fatal(err)
			}
			pass(100 * time.Second)
			if renewals != 1 {
				t.Errorf("%d renewals, want 1", renewals)
			}
		})
	}
}
