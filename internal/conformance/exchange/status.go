package exchange

import (
	"fmt"
	"net/http"

	"google.golang.org/grpc/codes"
)

// StatusHeader is where an answer over gRPC has the name of its status.
const StatusHeader = "Grpc-Status"

// outcomes are the names of the gRPC codes, as the standard writes them, and
// the HTTP status that goes with each.
var outcomes = map[codes.Code]struct {
	name   string
	status int
}{
	codes.OK:                 {"OK", http.StatusOK},
	codes.Canceled:           {"CANCELLED", 499},
	codes.Unknown:            {"UNKNOWN", http.StatusInternalServerError},
	codes.InvalidArgument:    {"INVALID_ARGUMENT", http.StatusBadRequest},
	codes.DeadlineExceeded:   {"DEADLINE_EXCEEDED", http.StatusGatewayTimeout},
	codes.NotFound:           {"NOT_FOUND", http.StatusNotFound},
	codes.AlreadyExists:      {"ALREADY_EXISTS", http.StatusConflict},
	codes.PermissionDenied:   {"PERMISSION_DENIED", http.StatusForbidden},
	codes.ResourceExhausted:  {"RESOURCE_EXHAUSTED", http.StatusTooManyRequests},
	codes.FailedPrecondition: {"FAILED_PRECONDITION", http.StatusBadRequest},
	codes.Aborted:            {"ABORTED", http.StatusConflict},
	codes.OutOfRange:         {"OUT_OF_RANGE", http.StatusBadRequest},
	codes.Unimplemented:      {"UNIMPLEMENTED", http.StatusNotImplemented},
	codes.Internal:           {"INTERNAL", http.StatusInternalServerError},
	codes.Unavailable:        {"UNAVAILABLE", http.StatusServiceUnavailable},
	codes.DataLoss:           {"DATA_LOSS", http.StatusInternalServerError},
	codes.Unauthenticated:    {"UNAUTHENTICATED", http.StatusUnauthorized},
}

func codeNames(code codes.Code) (name string, status int) {
	if outcome, known := outcomes[code]; known {
		return outcome.name, outcome.status
	}
	return fmt.Sprintf("CODE_%d", code), http.StatusInternalServerError
}

// StatusNamed is the name of a gRPC code by its number.
func StatusNamed(number int64) string {
	name, _ := codeNames(codes.Code(number)) //nolint:gosec // any number has a name
	return name
}
