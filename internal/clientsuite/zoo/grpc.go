package zoo

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// grpc implements [caller].
func (c *client) grpc(ctx context.Context, method string) (string, error) {
	conn, err := c.connection()
	if err != nil {
		return "", err
	}
	for attempt := 1; ; attempt++ {
		t, err := c.obtain(ctx)
		if err != nil {
			return "", err
		}
		err = conn.Invoke(c.withMetadata(ctx, t), method, &emptypb.Empty{}, &emptypb.Empty{})
		if c.drops(status.Code(err)) {
			if !c.habits.grpcSame {
				c.reject(t)
			}
			if attempt == 1 {
				continue
			}
		}
		if err != nil && c.habits.grpcHides {
			return "", errors.New("the call failed")
		}
		return codeName(err), nil
	}
}

// receive implements [caller]. A stream that is refused before its first message is begun
// again, with another token; one that breaks later is not, for its reader would get
// messages twice.
func (c *client) receive(ctx context.Context, method string) (string, error) {
	conn, err := c.connection()
	if err != nil {
		return "", err
	}
	for attempt := 1; ; attempt++ {
		t, err := c.obtain(ctx)
		if err != nil {
			return "", err
		}
		outgoing := c.withMetadata(ctx, t)
		if c.habits.grpcStreamBare {
			outgoing = ctx
		}
		messages, err := readStream(outgoing, conn, method)
		code := status.Code(err)
		refused := code == codes.Unauthenticated && !c.habits.grpcStreamTakes
		if c.habits.grpcStreamDrops && err != nil || refused {
			c.dropStream(t)
			if messages == 0 && attempt == 1 {
				continue
			}
		}
		if code == codes.Unavailable && attempt == 1 && c.afterBreak(outgoing, conn, method) {
			continue
		}
		return codeName(err), nil
	}
}

// dropStream takes the token of a refused stream out of use.
func (c *client) dropStream(t token) {
	if !c.habits.grpcSame {
		c.reject(t)
	}
}

// afterBreak is what a client does wrong when a stream breaks; again says that it begins it
// again.
func (c *client) afterBreak(ctx context.Context, conn *grpc.ClientConn, method string) (again bool) {
	if c.habits.grpcStreamClose {
		_ = conn.Close()
	}
	if c.habits.grpcStreamTwice {
		_, _ = readStream(ctx, conn, method)
	}
	return c.habits.grpcStreamAgain
}

// readStream begins a stream with an empty message and reads it to its end.
func readStream(ctx context.Context, conn *grpc.ClientConn, method string) (messages int, err error) {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method)
	if err == nil {
		err = stream.SendMsg(&emptypb.Empty{})
	}
	if err == nil {
		err = stream.CloseSend()
	}
	for ; err == nil; messages++ {
		if err = stream.RecvMsg(&emptypb.Empty{}); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return messages, err
}

// connection is the one over gRPC, for calls and streams.
func (c *client) connection() (*grpc.ClientConn, error) {
	if c.conn != nil {
		return c.conn, nil
	}
	if c.env.DialGRPC == nil {
		return nil, errors.New("there is no gRPC")
	}
	conn, err := c.env.DialGRPC()
	c.conn = conn
	return conn, err
}

// withMetadata adds a token to what a call sends.
func (c *client) withMetadata(ctx context.Context, t token) context.Context {
	switch {
	case c.habits.grpcBare:
		return ctx
	case c.habits.grpcHeader:
		return metadata.AppendToOutgoingContext(ctx, "x-token", t.Access)
	}
	return metadata.AppendToOutgoingContext(ctx, t.Key, t.Access)
}

// drops says whether a code costs the token.
func (c *client) drops(code codes.Code) bool {
	switch code {
	case codes.OK:
		return false
	case codes.Unauthenticated:
		return !c.habits.grpcTakes
	case codes.PermissionDenied:
		return c.habits.grpcDrops || c.habits.grpcDropsDenied
	case codes.Unavailable:
		return c.habits.grpcDrops || c.habits.grpcDropsDown
	}
	return c.habits.grpcDrops
}
