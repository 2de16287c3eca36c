package rpc

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

func TestPlainEnvelope(t *testing.T) {
	t.Parallel()
	for body, plain := range map[string]bool{
		`{"method":"` + wire.RPCGetVersion + `","data":{}}`: true,
		`{"method":"a_B.9","data":{}}`:                      true,
		`{"method":"","data":{}}`:                           false,
		`{"method":"a"}`:                                    false,
		`{"method":"a","data":{"b":1}}`:                     false,
		`{"method":"a\u0062","data":{}}`:                    false,
		`{"method":"a","method":"b","data":{}}`:             false,
		` {"method":"a","data":{}}`:                         false,
		`{"method":"[","data":{}}`:                          false,
	} {
		if _, ok := plainEnvelope([]byte(body)); ok != plain {
			t.Errorf("%s is plain: %v", body, ok)
		}
	}
}

// FuzzReadEnvelope compares plainEnvelope with encoding/json.
func FuzzReadEnvelope(f *testing.F) {
	for _, seed := range []string{`{"method":"a.b","data":{}}`, `{"method":"a","data":{"x":[1]}}`, `{"method":"","data":{}}`, `{"method":"\u0061","data":{}}`, `{}`, `[`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readEnvelope(httptest.NewRequest(http.MethodPost, wire.RPCPath, strings.NewReader(body)))
		var want wire.RPCEnvelope
		wantErr := httpio.Unmarshal([]byte(body), &want)
		if wantErr == nil && want.Method == "" {
			if err == nil {
				t.Errorf("%q has no method and was read as %+v", body, got)
			}
			return
		}
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q was read as %+v (%v), not %+v (%v)", body, got, err, want, wantErr)
		}
	})
}
