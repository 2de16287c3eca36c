package exchange

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// readProto reads the judge's own description of the authentication service,
// which stands beside the features that judge it.
var readProto = sync.OnceValues(func() (protoreflect.FileDescriptor, error) {
	const name = "rpc/auth.proto"
	source, err := features.FS.ReadFile(name)
	if err != nil {
		return nil, err
	}
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(map[string]string{name: string(source)}),
	})}
	files, err := compiler.Compile(context.Background(), name)
	if err != nil {
		return nil, err
	}
	return files[0], nil
})

// GRPC is a connection for direct gRPC and what can be said over it.
type GRPC struct {
	*grpc.ClientConn
	address string // as the evidence shows it
	service protoreflect.ServiceDescriptor
	empty   protoreflect.MessageDescriptor
}

// NewGRPC prepares a connection; the first call connects.
func NewGRPC(subject *Subject, config *manifest.RPCOverGRPC) (*GRPC, error) {
	if config == nil || subject.GRPC == "" {
		return nil, errors.New("the manifest declares no direct gRPC")
	}
	file, err := readProto()
	if err != nil {
		return nil, fmt.Errorf("read the features' own proto: %w", err)
	}
	transport, address := insecure.NewCredentials(), subject.GRPC
	if config.TLS {
		transport, address = credentials.NewTLS(tlsOf(subject)), "tls://"+subject.GRPC
	}
	target, dial := subject.GRPC, []grpc.DialOption(nil)
	if subject.Dial != nil {
		target, dial = "passthrough:///"+target, []grpc.DialOption{grpc.WithContextDialer(
			func(ctx context.Context, address string) (net.Conn, error) { return subject.Dial(ctx, "tcp", address) })}
	}
	conn, err := grpc.NewClient(target, append(dial,
		grpc.WithTransportCredentials(transport),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithMaxHeaderListSize(MaxHeader),
	)...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", subject.GRPC, err)
	}
	return &GRPC{
		ClientConn: conn, address: address,
		service: file.Services().Get(0), empty: file.Messages().ByName("Empty"),
	}, nil
}

// tlsOf trusts for gRPC whom the subject says, or else whom its HTTP transport trusts.
func tlsOf(subject *Subject) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if subject.GRPCTLS != nil {
		config = subject.GRPCTLS.Clone()
	} else if transport, ok := subject.Transport.(*http.Transport); ok && transport.TLSClientConfig != nil {
		config = transport.TLSClientConfig.Clone()
	}
	config.NextProtos = nil
	return config
}

// messages are an empty request and answer for a method. A method that the
// judge has no description of is sent an empty message, and any answer will do.
func (c *GRPC) messages(fullName string) (in, out *dynamicpb.Message) {
	service, method := splitName(fullName)
	if string(c.service.FullName()) == service {
		if m := c.service.Methods().ByName(protoreflect.Name(method)); m != nil {
			return dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output())
		}
	}
	return dynamicpb.NewMessage(c.empty), dynamicpb.NewMessage(c.empty)
}

// splitName parts a full method name at its last dot.
func splitName(fullName string) (service, method string) {
	dot := strings.LastIndex(fullName, ".")
	return fullName[:max(dot, 0)], fullName[dot+1:]
}

// Call is one call of a method over gRPC.
type Call struct {
	Method   string            // full name, with dots
	Data     map[string]string // the request's members; nil is an empty request
	Metadata map[string]string
}

// DoGRPC does one call over gRPC. It is an error when no answer comes at all.
func (c *Client) DoGRPC(ctx context.Context, over *GRPC, call Call) (*Answer, error) {
	done, err := c.Subject.Pace.begin(ctx, strings.Contains(call.Method, loginMethods))
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, c.Subject.timeout())
	defer cancel()
	in, out := over.messages(call.Method)
	for name, value := range call.Data {
		in.Set(in.Descriptor().Fields().ByName(protoreflect.Name(name)), protoreflect.ValueOfString(value))
	}
	sent := metadata.New(call.Metadata)
	service, method := splitName(call.Method)
	shown := evidence.Exchange{
		Transport: "grpc", Method: service + "/" + method, URL: over.address,
		RequestHeader: http.Header(sent), RequestBody: inJSON(in),
	}
	answer := &Answer{Request: Request{Method: shown.Method, Header: http.Header(sent), Body: shown.RequestBody}}
	answer.again = func(ctx context.Context, c *Client) (*Answer, error) {
		return c.DoGRPC(ctx, over, Call{Method: call.Method})
	}
	answer.Before = c.Subject.Clock.Now()
	started := time.Now()
	var header, trailer metadata.MD
	err = over.Invoke(metadata.NewOutgoingContext(ctx, sent), "/"+shown.Method, in, out, grpc.Header(&header), grpc.Trailer(&trailer))
	answer.After, answer.Took = c.Subject.Clock.Now(), time.Since(started)
	c.took(answer.Took)

	outcome := status.Convert(err)
	name, httpStatus := codeNames(outcome.Code())
	answer.Status, answer.Header = httpStatus, answerHeader(name, header, trailer)
	answer.Body = inJSON(out)
	if err != nil {
		answer.Body = errorJSON(name, outcome.Message())
	}
	for _, value := range call.Metadata {
		c.hideSent(value)
	}
	much := c.hideAnswer(answer)
	if much != nil {
		shown.Error = much.Error()
	}
	c.show(&shown, name, answer)
	shown.Took = answer.Took
	if noAnswer(outcome.Code()) {
		err = briefly(err)
		shown.Error = err.Error()
	}
	c.Log.Add(shown)
	if much != nil {
		return nil, fmt.Errorf("%s over gRPC: %w", shown.Method, much)
	}
	if noAnswer(outcome.Code()) {
		return nil, fmt.Errorf("%s over gRPC got no answer: %w", shown.Method, err)
	}
	return answer, nil
}

// noAnswer says whether a code is what the client itself says when nothing
// comes. A server that says so is not there either.
func noAnswer(code codes.Code) bool {
	return code == codes.Unavailable || code == codes.DeadlineExceeded || code == codes.Canceled
}

func answerHeader(status string, parts ...metadata.MD) http.Header {
	header := http.Header{StatusHeader: {status}}
	for _, part := range parts {
		for name, values := range part {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return header
}

// inJSON writes a message as the dialect's HTTP side does: with the names of
// the proto, zero values included.
func inJSON(message *dynamicpb.Message) string {
	written, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(message)
	if err != nil {
		return errorJSON("UNREADABLE", err.Error())
	}
	return string(written)
}

func errorJSON(code, message string) string {
	written, _ := json.Marshal(map[string]string{"code": code, "message": message}) // two texts always can be
	return string(written)
}
