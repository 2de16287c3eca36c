package reference_test

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
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
