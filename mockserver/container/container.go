// Package container runs the mock server in a container, by the conventions of
// testcontainers-go, for tests whose client is in a container too, or that want the
// mock as programs in other languages get it:
//
//	mock, err := container.Run(ctx, "dragoman:latest", container.WithDialects("form"))
//	testcontainers.CleanupContainer(t, mock)
//	client, err := sdk.New(mock.URL, ...)
//
// "make image" builds the image. The mock is steered over HTTP, at ManagementURL;
// what that takes is described at its /openapi.json. Tests in Go that need no
// container are better served by package mockserver.
package container

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	engine "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// The ports inside the container.
const (
	httpPort       = "8080/tcp"
	grpcPort       = "9090/tcp"
	managementPort = "8081/tcp"
)

// Container is a mock that runs. Its methods are those of its
// [testcontainers.Container]. The addresses are those at which this program reaches
// it; they do not change.
type Container struct {
	testcontainers.Container
	// URL is the root of HTTP, GRPC the host:port of gRPC without TLS, for the rpc
	// dialect, and ManagementURL the root of the management.
	URL, GRPC, ManagementURL string
}

// Run starts the mock of an image and waits until it answers. Options are those of
// this package and of testcontainers-go. Where it fails, the container that may have
// started is returned beside the error, so that it can be ended anyway.
func Run(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (*Container, error) {
	all := append([]testcontainers.ContainerCustomizer{
		testcontainers.WithCmd("mock", "--listen", ":8080", "--grpc", ":9090", "--management", ":8081"),
		testcontainers.WithExposedPorts(httpPort, grpcPort, managementPort),
		testcontainers.WithHostConfigModifier(publish),
		testcontainers.WithWaitStrategy(wait.ForLog(`"management":`)), // the line that it prints once it listens
	}, options...)
	started, err := testcontainers.Run(ctx, image, all...)
	if started == nil {
		return nil, fmt.Errorf("run mock: %w", err)
	}
	mock := &Container{Container: started}
	if err == nil {
		err = mock.find(ctx)
	}
	if err != nil {
		return mock, fmt.Errorf("run mock: %w", err)
	}
	return mock, nil
}

// publish binds the ports over IPv4 alone: an engine may choose another port for
// IPv6, and which of both a client meets depends on how it resolves the host.
func publish(host *engine.HostConfig) {
	if host.PortBindings == nil {
		host.PortBindings = network.PortMap{}
	}
	for _, port := range []string{httpPort, grpcPort, managementPort} {
		host.PortBindings[network.MustParsePort(port)] = []network.PortBinding{{HostIP: netip.IPv4Unspecified(), HostPort: "0"}}
	}
}

// WithDialects serves only these dialects: session, form, rpc or scoped. The default
// is all four.
func WithDialects(dialects ...string) testcontainers.CustomizeRequestOption {
	var flags []string
	for _, dialect := range dialects {
		flags = append(flags, "--dialect", dialect)
	}
	return testcontainers.WithCmdArgs(flags...)
}

// WithAccount adds an account with all rights. Its login must hold no colon.
func WithAccount(login, password string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithCmdArgs("--account", login+":"+password)
}

// WithStart is the time of the clock at the start, from which it runs. The default is
// the present.
func WithStart(t time.Time) testcontainers.CustomizeRequestOption {
	return testcontainers.WithCmdArgs("--start", t.Format(time.RFC3339))
}

// WithMisuse looks for tokens that clients misuse: "warn" lists them at /misuses of
// the management, "fail" ends the mock with exit code 1 as well. The default is "off".
func WithMisuse(level string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithCmdArgs("--misuse", level)
}
