// Package rpcpb is the generated code of the rpc dialect's protocol buffers:
// the authentication service and a small protected service. "make proto"
// regenerates it.
package rpcpb

//go:generate go run ./internal/protogen
