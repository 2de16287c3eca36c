package rpc_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-auth/dragoman/features"
)

// ServeGRPC serves the service itself until the test ends, and says where.
func (o *rpcOffice) ServeGRPC(t *testing.T) string {
	t.Helper()
	source, err := features.FS.ReadFile("rpc/auth.proto")
	if err != nil {
		t.Fatal(err)
	}
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(map[string]string{"auth.proto": string(source)}),
	})}
	files, err := compiler.Compile(t.Context(), "auth.proto")
	if err != nil {
		t.Fatal(err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		return o.answerGRPC(files[0], stream)
	}))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // ends with the test
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return listener.Addr().String()
}

func (o *rpcOffice) answerGRPC(file protoreflect.FileDescriptor, stream grpc.ServerStream) error {
	full, _ := grpc.MethodFromServerStream(stream)
	service, method, _ := strings.Cut(strings.TrimPrefix(full, "/"), "/")
	in, out := file.Messages().ByName("Empty"), file.Messages().ByName("Empty")
	if known := file.Services().Get(0).Methods().ByName(protoreflect.Name(method)); known != nil {
		in, out = known.Input(), known.Output()
	}
	received, answered := dynamicpb.NewMessage(in), dynamicpb.NewMessage(out)
	if err := stream.RecvMsg(received); err != nil {
		return err
	}
	request := rpcRequest{transport: "gRPC", service: service, method: method, data: map[string]any{}}
	for i := range in.Fields().Len() {
		field := in.Fields().Get(i)
		request.data[string(field.Name())] = received.Get(field).String()
	}
	request.token = tokenOf(stream.Context())
	if request.token == "" && o.is(request, "issues no token without a token") {
		return status.Error(codes.Unauthenticated, "no token")
	}
	code, answer := o.call(request)
	if code != codes.OK {
		return status.Error(code, code.String())
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	if err := (protojson.UnmarshalOptions{}).Unmarshal(text, answered); err != nil {
		return err
	}
	return stream.SendMsg(answered)
}

func tokenOf(ctx context.Context) string {
	sent, _ := metadata.FromIncomingContext(ctx)
	if values := sent.Get("office-token"); len(values) > 0 {
		return values[0]
	}
	return ""
}
