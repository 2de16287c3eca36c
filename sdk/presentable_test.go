package sdk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/wiretest"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// unpresentable are texts that no header carries as they are.
var unpresentable = map[string]string{
	"CR": "a\rb", "LF": "a\nb", "another header": "a\r\nX-Evil: 1", "NUL": "a\x00b", "DEL": "a\x7fb",
	"not ASCII": "caf\u00e9", "space after": "a ",
}

func TestATokenThatNoHeaderCanCarryIsAnErrorOfTheLogin(t *testing.T) {
	t.Parallel()
	for dialect, member := range map[string]string{"session": "access_token", "form": "token", "rpc": "token_value", "scoped": "token"} {
		for name, text := range unpresentable {
			value, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			_, err = loginAnswered(t, dialect, fmt.Sprintf(`{"_id":"1",%q:%s}`, member, value), "")
			var e *sdk.Error
			if !errors.Is(err, sdk.ErrProtocol) || !errors.As(err, &e) || e.Op != "login" || e.Temporary {
				t.Errorf("%s, %s: %v, want ErrProtocol", dialect, name, err)
			}
		}
		if token, err := loginAnswered(t, dialect, fmt.Sprintf(`{"_id":"1",%q:"a b~!"}`, member), ""); err != nil || token.Access.Reveal() != "a b~!" {
			t.Errorf("%s: %v, %v", dialect, token, err)
		}
	}
}

func TestSettingsThatNoHeaderCanCarry(t *testing.T) {
	t.Parallel()
	for name, text := range unpresentable {
		for what, err := range map[string]error{
			"key":        newError(session.APIKey(sdk.NewSecret(text))),
			"token":      newError(scoped.Static(sdk.NewSecret(text))),
			"User-Agent": newError(session.APIKey(sdk.NewSecret("key")), sdk.WithUserAgent(text)),
		} {
			if !errors.Is(err, sdk.ErrConfig) {
				t.Errorf("%s, %s: %v, want ErrConfig", what, name, err)
			}
		}
		call := sdk.Call{Path: "/x", Header: http.Header{"X-Own": {text}}}
		client := newClient(t, &scripted{login: hourly}, sdk.WithHTTPTransport(memhttp.Transport(wiretest.New())))
		if _, err := client.Do(t.Context(), call); !errors.Is(err, sdk.ErrConfig) {
			t.Errorf("a call with %s: %v, want ErrConfig", name, err)
		}
	}
}

func newError(dialect sdk.Dialect, options ...sdk.Option) error {
	_, err := sdk.New("https://office.example", dialect, options...)
	return err
}
