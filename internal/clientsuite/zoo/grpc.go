package zoo

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// grpc implements [caller].
func (c *client) grpc(ctx context.Context, method string) (string, error) {
	if c.conn == nil {
		if c.env.DialGRPC == nil {
			return "", errors.New("there is no gRPC")
		}
		conn, err := c.env.DialGRPC()
		if err != nil {
			return "", err
		}
		c.conn = conn
	}
	for attempt := 1; ; attempt++ {
		t, err := c.obtain(ctx)
		if err != nil {
			return "", err
		}
		err = c.conn.Invoke(c.withMetadata(ctx, t), method, &emptypb.Empty{}, &emptypb.Empty{})
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
