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
		key := t.Key
		if c.habits.grpcHeader {
			key = "x-token"
		}
		calling := ctx
		if !c.habits.grpcBare {
			calling = metadata.AppendToOutgoingContext(ctx, key, t.Access)
		}
		err = c.conn.Invoke(calling, method, &emptypb.Empty{}, &emptypb.Empty{})
		code := status.Code(err)
		drops := c.habits.grpcDrops && err != nil || c.habits.grpcDropsDenied && code == codes.PermissionDenied || c.habits.grpcDropsDown && code == codes.Unavailable
		if code == codes.Unauthenticated && !c.habits.grpcTakes || drops {
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
