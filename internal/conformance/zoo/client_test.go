package zoo_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/needs"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// TestClientMeetsTheVariants holds the client to servers that are right and
// different, told no more of them than their manifests tell.
func TestClientMeetsTheVariants(t *testing.T) {
	t.Parallel()
	for _, v := range zoo.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			dialects := v.Dialects
			if len(dialects) == 0 {
				dialects = manifest.DialectNames()
			}
			err := zoo.Serve(t.Context(), v.Name, func(m *manifest.Manifest) error {
				for _, c := range callers(t, m) {
					if slices.Contains(dialects, c.dialect.Name()) {
						c.use(t, m.Subject.URL, protocols(v.Name))
					}
				}
				return nil
			})
			var lacking *mutation.NoHostError
			if errors.As(err, &lacking) {
				needs.Host(t, lacking.Error())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// protocols are the versions of HTTP that a client of a variant speaks. HTTP/2 without
// TLS is used only by who knows of it.
func protocols(variant string) *http.Protocols {
	speaks := new(http.Protocols)
	if variant == "http2-only" {
		speaks.SetUnencryptedHTTP2(true)
		return speaks
	}
	speaks.SetHTTP1(true)
	speaks.SetHTTP2(true)
	return speaks
}

// A caller is one way to use the client.
type caller struct {
	name    string
	dialect sdk.Dialect
	life    time.Duration
	open    func(ctx context.Context, client *sdk.Client) error
}

// use is a client from login to logout.
func (c caller) use(t *testing.T, url string, speaks *http.Protocols) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, Protocols: speaks}
	defer transport.CloseIdleConnections()
	// Plain, because the variant that speaks TLS does so over HTTP only.
	client, err := sdk.New(url, c.dialect, sdk.WithHTTPTransport(transport), sdk.WithAllowPlaintext())
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	step := func(name string, err error) {
		if err != nil {
			t.Errorf("%s: %s: %v", c.name, name, err)
		}
	}
	renew := func() error {
		_, err := client.Renew(t.Context())
		return err
	}
	step("first call", c.open(t.Context(), client))
	step("renew", renew())
	step("call after the renewal", c.open(t.Context(), client))
	step("renew again", renew())
	step("call after the second renewal", c.open(t.Context(), client))
	step("clock", advance(t.Context(), transport, url, c.life))
	step("call after the end", c.open(t.Context(), client))
	step("close", client.Close(t.Context()))
}

func advance(ctx context.Context, transport http.RoundTripper, url string, by time.Duration) error {
	body := fmt.Sprintf(`{"advance_seconds":%d}`, int(by/time.Second)+1)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/_dragoman/clock", strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

// callers are the ways that a manifest leaves open.
func callers(t *testing.T, m *manifest.Manifest) []caller {
	get := func(path string) func(context.Context, *sdk.Client) error {
		return func(ctx context.Context, client *sdk.Client) error {
			_, err := client.Do(ctx, sdk.Call{Op: "get", Path: path})
			return err
		}
	}
	secret := sdk.NewSecret
	s, f, r, c := m.Dialects.Session, m.Dialects.Form, m.Dialects.RPC, m.Dialects.Scoped
	zone, err := time.LoadLocation(f.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	ways := []caller{
		{"session", session.Password(s.Accounts.Full.Email, secret(s.Accounts.Full.Password), session.WithPaths(session.Paths{
			Sessions: s.Prefix + s.Login, Tokens: s.Prefix + s.Refresh,
		})), s.TokenLife, get(s.Prefix + s.Protected)},
		{"form", form.Password(f.Accounts.Full.Login, secret(f.Accounts.Full.Password), form.WithPrefix(f.Prefix), form.WithLocation(zone)), f.ShortLife, get(f.Prefix + f.Protected)},
		{"form, long", form.Password(f.Accounts.Full.Login, secret(f.Accounts.Full.Password), form.WithPrefix(f.Prefix), form.WithLocation(zone), form.WithLongToken()), f.LongLife, get(f.Prefix + f.Protected)},
		{"scoped", scoped.Password(c.Accounts.Full.Login, secret(c.Accounts.Full.Password), scoped.WithPrefix(c.Prefix)), c.DefaultLife, get(c.Prefix + c.Resources.List)},
	}
	const life = 5 * time.Hour // the reference's is shorter
	if r.HTTP != nil {
		ways = append(ways, caller{"rpc", rpc.Password(r.Accounts.Full.Login, secret(r.Accounts.Full.Password), rpc.WithPath(r.HTTP.Path)), life,
			func(ctx context.Context, client *sdk.Client) error {
				return rpc.Of(client).Call(ctx, r.Protected, nil, nil)
			}})
	}
	if r.GRPC != nil {
		transport := insecure.NewCredentials()
		if r.GRPC.TLS {
			transport = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})
		}
		bare, err := grpc.NewClient(m.Subject.GRPC, grpc.WithTransportCredentials(transport))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = bare.Close() })
		ways = append(ways, caller{"rpc, direct", rpc.Password(r.Accounts.Full.Login, secret(r.Accounts.Full.Password), grpcauth.Over(bare)), life,
			func(ctx context.Context, client *sdk.Client) error {
				_, err := rpcpb.NewDomainServiceClient(grpcauth.Conn(client, bare)).GetVersion(ctx, &rpcpb.GetVersionRequest{})
				return err
			}})
	}
	return ways
}
