package dialect

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	for body, refused := range map[string]bool{
		``: false, `{}`: false, `{"error_code":null}`: false, `{"error_code":0}`: false, `{"error_code":"OK"}`: false,
		`{"error_code":"AUTHENTICATE_CODE_OK"}`: false, `{"error_code":2}`: true, `{"error_code":""}`: true,
		`{"error_code":"AUTHENTICATE_CODE_GENERAL_ERROR"}`: true,
	} {
		if got := Refused(&exchange.Answer{Status: 200, Body: body}); got != refused {
			t.Errorf("%s: expected refused = %v, got %v", body, refused, got)
		}
		if !Refused(&exchange.Answer{Status: 302, Body: body}) {
			t.Errorf("302 %s: expected a refusal", body)
		}
	}
}
