package zoo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/filestore"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/grpcauth"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// SDK is the client of package sdk, with further options of it.
func SDK(options ...sdk.Option) clientsuite.Program {
	return clientsuite.Func(func(ctx context.Context, env clientsuite.Environment, in io.Reader, out, errors io.Writer) error {
		dialect, without := sdkDialect(env)
		all := append([]sdk.Option{sdk.WithAllowPlaintext(), sdk.WithHTTPTransport(env.HTTP.Transport)}, options...)
		if env.Store != "" {
			store, err := filestore.New(env.Store)
			if err != nil {
				return err
			}
			all = append(all, sdk.WithStore(store))
		}
		client, err := sdk.New(env.URL, dialect, all...)
		if err != nil {
			return err
		}
		c := &sdkCaller{client: client, env: env}
		defer func() { _ = c.close(context.WithoutCancel(ctx)) }()
		return speak(ctx, in, out, errors, c, without...)
	})
}

// sdkDialect is the dialect of an environment, and what the SDK cannot do in it.
func sdkDialect(env clientsuite.Environment) (sdk.Dialect, []clientsuite.Capability) {
	password := sdk.NewSecret(env.Password)
	switch env.Dialect {
	case wire.Form:
		return form.Password(env.Login, password), nil
	case wire.RPC:
		return rpc.Password(env.Login, password), nil
	case wire.Scoped:
		return scoped.Password(env.Login, password), nil
	}
	return session.Password(env.Login, password), []clientsuite.Capability{clientsuite.Logout}
}

// sdkCaller is an SDK client that commands steer.
type sdkCaller struct {
	client *sdk.Client
	env    clientsuite.Environment
	conn   *grpc.ClientConn
}

func (c *sdkCaller) call(ctx context.Context, method, path string, body payload) (int, error) {
	request, err := body.request(ctx, method, c.env.URL+path)
	if err != nil {
		return 0, err
	}
	status, _, err := fetch(c.client.HTTPClient(), request)
	return status, err
}

// fetch sends a request and reads its answer to the end.
func fetch(client *http.Client, request *http.Request) (status int, header http.Header, err error) {
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, response.Header, err
}

func (c *sdkCaller) grpc(ctx context.Context, method string) (string, error) {
	conn, err := c.connection()
	if err != nil {
		return "", err
	}
	return codeName(conn.Invoke(ctx, method, &emptypb.Empty{}, &emptypb.Empty{})), nil
}

func (c *sdkCaller) receive(ctx context.Context, method string) (string, error) {
	conn, err := c.connection()
	if err != nil {
		return "", err
	}
	_, err = readStream(ctx, conn, method)
	return codeName(err), nil
}

func (c *sdkCaller) connection() (*grpc.ClientConn, error) {
	if c.conn != nil {
		return c.conn, nil
	}
	conn, err := c.env.DialGRPC(grpcauth.DialOptions(c.client, grpcauth.WithAllowPlaintext())...)
	c.conn = conn
	return conn, err
}

// codeName is the name of the code of a gRPC call.
func codeName(err error) string {
	if name := wire.GRPCCodeName(int64(grpcstatus.Code(err))); name != "" {
		return name
	}
	return fmt.Sprint(codes.Unknown)
}

func (c *sdkCaller) logout(ctx context.Context) error { return c.client.Logout(ctx) }

func (c *sdkCaller) close(ctx context.Context) error {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return c.client.Stop(ctx)
}
