package rpc

import (
	"errors"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// errUnknownMethod says that no service has this method.
var errUnknownMethod = errors.New("unknown method")

// grpcCodes maps statuses, those of [httpio.Classify] among them, to gRPC codes, so that both
// transports report the same error (RPC-19).
var grpcCodes = map[int]codes.Code{
	http.StatusBadRequest:            codes.InvalidArgument,
	http.StatusRequestEntityTooLarge: codes.InvalidArgument,
	http.StatusUnauthorized:          codes.Unauthenticated,
	http.StatusForbidden:             codes.PermissionDenied,
	http.StatusNotFound:              codes.NotFound,
	http.StatusMethodNotAllowed:      codes.Unimplemented,
	http.StatusTooManyRequests:       codes.ResourceExhausted,
	http.StatusServiceUnavailable:    codes.Unavailable,
	http.StatusNotImplemented:        codes.Unimplemented,
	http.StatusBadGateway:            codes.Unavailable,
	http.StatusGatewayTimeout:        codes.DeadlineExceeded,
}

// classify gives an error its HTTP problem and its gRPC code.
func classify(err error) (httpio.Problem, codes.Code) {
	if errors.Is(err, errUnknownMethod) {
		return httpio.Problem{Status: http.StatusNotFound, Reason: err.Error()}, codes.Unimplemented
	}
	problem := httpio.Classify(err)
	return problem, codeOf(problem)
}

func codeOf(problem httpio.Problem) codes.Code { return Code(problem.Status) }

// Code is the gRPC code of an HTTP status that refuses; INTERNAL where the status
// has none of its own.
func Code(status int) codes.Code {
	if code, known := grpcCodes[status]; known {
		return code
	}
	return codes.Internal
}

// toStatus returns an error as gRPC sends it.
func toStatus(err error) error {
	problem, code := classify(err)
	return status.Error(code, problem.Reason)
}
