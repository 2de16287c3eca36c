// Package rpc is the rpc dialect: one implementation of the authentication and
// the domain service, served twice, over gRPC and as {method,data} over
// POST /grpc. Both transports share sessions, messages and error codes. The rules
// stand in package grant.
package rpc
