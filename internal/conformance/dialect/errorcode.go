package dialect

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
)

// Refused says whether a call of the rpc dialect's authentication service was
// refused, by its status or by an error_code other than OK.
func Refused(a *exchange.Answer) bool {
	code, given := a.ErrorCode()
	return !a.Accepted() || given && !exchange.IsOK(code)
}

// Mistake is the code by which an answer of the rpc dialect refuses: its
// error_code without its prefix, else the gRPC code that it names, else what
// its HTTP status stands for. It is "" for a success.
func Mistake(a *exchange.Answer) string {
	if !Refused(a) {
		return ""
	}
	if code, given := a.ErrorCode(); given && !exchange.IsOK(code) {
		return strings.TrimPrefix(code, "AUTHENTICATE_CODE_")
	}
	if name := a.Header.Get(exchange.StatusHeader); name != "" {
		return name
	}
	if number, err := a.WholeNumber("grpcErrorCode"); err == nil {
		return exchange.StatusNamed(number)
	}
	switch a.Status {
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	}
	return fmt.Sprintf("HTTP %d", a.Status)
}
