package reference_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// lossy is a store that does its writes, but loses their answers while lost is set.
type lossy struct {
	store.Store
	lost atomic.Bool
}

func (l *lossy) answer(err error) error {
	if err == nil && l.lost.Load() {
		return errors.New("write to db.internal:5432: i/o timeout")
	}
	return err
}

func (l *lossy) Create(ctx context.Context, record store.Record) error {
	return l.answer(l.Store.Create(ctx, record))
}

func (l *lossy) Update(ctx context.Context, record store.Record) error {
	return l.answer(l.Store.Update(ctx, record))
}

func (l *lossy) Delete(ctx context.Context, kind store.Kind, key string) error {
	return l.answer(l.Store.Delete(ctx, kind, key))
}

// TestWritesWithoutAnAnswer loses the store's answers to a login and to a logout
// that were done: the client gets 503 and may try again. The second login is
// another session, the second logout finds no session, and the token is rejected.
func TestWritesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	// logouts return the logout of a token, and its status the second time.
	logouts := map[string]func(o *office, token string) (logout func() reply, again int){
		"session": func(o *office, token string) (func() reply, int) {
			id := idIn(o.send("GET", "/sessions", "", bearer(token)).body)
			return func() reply { return o.send("DELETE", "/sessions/"+id, "", bearer(token)) }, 401
		},
		"form": func(o *office, token string) (func() reply, int) {
			return func() reply { return o.send("DELETE", "/login?token="+token, "") }, 404
		},
		"rpc": func(o *office, token string) (func() reply, int) {
			return func() reply { return o.call(wire.RPCCloseSession, "{}", bearer(token)) }, 401
		},
		"scoped": func(o *office, token string) (func() reply, int) {
			id := idIn(o.as(token, "GET", api+"/tokens", "").body)
			other := o.scopedToken("root", "")
			return func() reply { return o.as(other, "DELETE", api+"/tokens/"+id, "") }, 404
		},
	}
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			shared := &lossy{Store: memory.New()}
			o := open(t, func(c *reference.Config) { c.Store = shared })
			without := func(what string, do func() reply) {
				t.Helper()
				shared.lost.Store(true)
				defer shared.lost.Store(false)
				if r := o.want(what+" without an answer", do(), 503); r.header.Get("Retry-After") == "" || strings.Contains(string(r.body), "db.internal") {
					t.Errorf("%s without an answer: %v %s", what, r.header, r.body)
				}
			}
			token := d.token(o.want("a login", d.login(o, "root", "root"), 200)) // makes the keys
			logout, again := logouts[d.name](o, token)
			without("a login", func() reply { return d.login(o, "root", "root") })
			second := d.token(o.want("the login once more", d.login(o, "root", "root"), 200))
			if d.name == "session" {
				if list := o.send("GET", "/sessions", "", bearer(second)); strings.Count(string(list.body), `"id"`) != 3 {
					t.Errorf("after three logins the sessions are %s", list.body)
				}
			}
			without("a logout", logout)
			o.want("the token of the lost logout", d.protected(o, token), 401)
			o.want("the logout once more", logout(), again)
			o.want("the token of the second login", d.protected(o, second), 200)
		})
	}
}

// idIn is the first id in a list of sessions or tokens.
func idIn(list []byte) string {
	_, rest, _ := strings.Cut(string(list), `id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// TestStoreDownIsUnavailable is TestStoreDownIs503 over gRPC.
func TestStoreDownIsUnavailable(t *testing.T) {
	t.Parallel()
	b := &broken{Store: memory.New()}
	o := open(t, func(c *reference.Config) { c.Store = b })
	calls, token := o.direct(), o.rpcToken("root")
	check := func(what string, want codes.Code) {
		t.Helper()
		_, login := calls.AuthenticateEx(t.Context(), &rpcpb.AuthenticateRequest{UserName: "root", Password: "root"})
		_, version := calls.GetVersion(with(t, wire.RPCTokenName, token), &rpcpb.GetVersionRequest{})
		for call, err := range map[string]error{"a login": login, "a token": version} {
			if status.Code(err) != want || strings.Contains(status.Convert(err).Message(), "db.internal") {
				t.Errorf("%s, %s ends in %v, want %v", what, call, err, want)
			}
		}
	}
	check("with a store", codes.OK)
	b.set(true)
	check("without a store", codes.Unavailable)
	b.set(false)
	check("with the store again", codes.OK)
}
