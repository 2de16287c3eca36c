package reference_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/dragoman-auth/dragoman/reference"
)

// TestBoundsOfGRPC reads what the server tells a client that connects.
func TestBoundsOfGRPC(t *testing.T) {
	t.Parallel()
	o := open(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", o.grpc)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	framer := http2.NewFramer(conn, conn)
	if _, err := conn.Write([]byte(http2.ClientPreface)); err != nil {
		t.Fatal(err)
	}
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	frame, err := framer.ReadFrame()
	settings, is := frame.(*http2.SettingsFrame)
	if !is {
		t.Fatalf("the server begins with %v (%v)", frame, err)
	}
	for id, want := range map[http2.SettingID]uint32{http2.SettingMaxConcurrentStreams: 100, http2.SettingMaxHeaderListSize: 32 << 10} {
		if got, _ := settings.Value(id); got != want {
			t.Errorf("%v is %d, want %d", id, got, want)
		}
	}
}

func TestScopedTokensAreBounded(t *testing.T) {
	t.Parallel()
	o := open(t)
	root := o.want("a login", o.send(http.MethodPost, "/api/v1/auth/token", `{"username":"root","password":"root"}`), 200).member("token")
	scopes := func(number, size int) []string {
		list := make([]string, number)
		for i := range list {
			list[i] = "GET /objects/" + strings.Repeat("x", size-len("GET /objects/"))
		}
		return list
	}
	for what, c := range map[string]struct {
		name   string
		scopes []string
		status int
	}{
		"as much as there may be":  {strings.Repeat("n", 200), append(scopes(24, 256), scopes(76, 26)...), 200},
		"scopes too long together": {"n", append(scopes(24, 256), scopes(75, 28)...), 400},
		"a scope too many":         {"n", scopes(101, 20), 400},
		"a scope too long":         {"n", scopes(1, 257), 400},
		"a name too long":          {strings.Repeat("n", 201), scopes(1, 20), 400},
	} {
		body, err := json.Marshal(map[string]any{"name": c.name, "scopes": c.scopes})
		if err != nil {
			t.Fatal(err)
		}
		o.want(what, o.send(http.MethodPost, "/api/v1/tokens", string(body), "Authorization: Bearer "+root), c.status)
	}
}

// TestListsComeInPages follows the links of lists, also below a prefix.
func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	o := open(t, func(c *reference.Config) { c.Prefixes = map[string]string{"session": "/api"} })
	var session, scoped string
	for range 5 {
		session = o.want("a login", o.send(http.MethodPost, "/api/sessions", `{"session":{"email":"root@example.com","password":"root"}}`), 200).member("access_token")
		scoped = o.want("a login", o.send(http.MethodPost, "/api/v1/auth/token", `{"username":"root","password":"root"}`), 200).member("token")
		o.clock.Advance(time.Second)
	}
	for list, token := range map[string]string{"/api/sessions": session, "/api/sessioni": session, "/api/v1/tokens": scoped} {
		sizes := ""
		for target := list + "?limit=2"; target != ""; {
			r := o.want(target, o.send(http.MethodGet, target, "", bearer(token)), 200)
			var page []any
			if err := json.Unmarshal(r.body, &page); err != nil {
				t.Fatal(err)
			}
			sizes += fmt.Sprint(len(page))
			target = ""
			if next, found := strings.CutPrefix(r.header.Get("Link"), "<"); found {
				target = list + strings.TrimSuffix(next, `>; rel="next"`)
			}
		}
		if sizes != "221" {
			t.Errorf("the pages of %s have %s entries, want 221", list, sizes)
		}
		o.want("a limit that is none", o.send(http.MethodGet, list+"?limit=no", "", bearer(token)), 400)
	}
}
