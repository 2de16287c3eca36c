// Package rpc serves the rpc dialect: one implementation of the authentication and
// the domain service, over gRPC and as {method,data} over POST /grpc. Both
// transports share sessions, messages and error codes. Package grant holds the
// rules.
package rpc
