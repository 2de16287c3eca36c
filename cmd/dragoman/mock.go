package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/mockserver"
)

func newMockCommand() *cobra.Command {
	var http, grpc string
	var dialects []string
	command := &cobra.Command{
		Use:   "mock",
		Short: "Run the mock server, for tests of clients in any language",
		Long: `mock runs the server that package mockserver gives to Go tests: the reference
with the demo accounts (root/root, clerk/clerk; as e-mail root@example.com,
clerk@example.com), cheap password hashing, and a clock that tests can move:

  curl http://127.0.0.1:8080/_dragoman/clock -d '{"advance":"10m"}'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			mock, err := mockserver.Start(
				mockserver.WithAddresses(http, grpcAddress(grpc, dialects)),
				mockserver.WithDialects(dialects...),
				mockserver.WithClockControl(),
			)
			if err != nil {
				return err
			}
			where := mock.URL
			if mock.GRPCAddr != "" {
				where += ", gRPC on " + mock.GRPCAddr
			}
			fmt.Fprintln(cmd.ErrOrStderr(), "dragoman: mock on", where)
			<-cmd.Context().Done()
			return mock.Close()
		},
	}
	bindDialects(command.Flags(), &dialects, "serve only this dialect, not all four")
	command.Flags().StringVar(&http, "listen", "127.0.0.1:8080", "address of HTTP; port 0 takes a free one")
	command.Flags().StringVar(&grpc, "grpc", "127.0.0.1:9090", `address of gRPC, for the rpc dialect; "" serves none`)
	return command
}
