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

// grpcCodes maps the statuses of [httpio.Classify] to gRPC codes, so that both
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
}

// classify gives an error its HTTP problem and its gRPC code.
func classify(err error) (httpio.Problem, codes.Code) {
	if errors.Is(err, errUnknownMethod) {
		return httpio.Problem{Status: http.StatusNotFound, Reason: err.Error()}, codes.Unimplemented
	}
	problem := httpio.Classify(err)
	return problem, codeOf(problem)
}

func codeOf(problem httpio.Problem) codes.Code {
	if code, known := grpcCodes[problem.Status]; known {
		return code
	}
	return codes.Internal
}

// toStatus returns an error as gRPC sends it.
func toStatus(err error) error {
	problem, code := classify(err)
	return status.Error(code, problem.Reason)
}
