package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/features"
	"github.com/dragoman-auth/dragoman/internal/clientsuite"
	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

type verifyClientFlags struct {
	options clientsuite.Options
	profile string
	without []string
	listen  string
	outputs reportOutputs
}

func newVerifyClientCommand() *cobra.Command {
	flags := verifyClientFlags{outputs: reportOutputs{features: features.ClientFS}}
	command := &cobra.Command{
		Use:   "verify-client [flags] (--listen ADDRESS | -- COMMAND...)",
		Short: "Judge a client, in any language, by what it sends to a mock",
		Long: `verify-client starts a client once for each scenario, with a mock server of its own,
tells it over standard input what to do, and judges it by what the mock has seen.

The client gets DRAGOMAN_URL, DRAGOMAN_DIALECT, DRAGOMAN_LOGIN, DRAGOMAN_PASSWORD and
more in its environment. docs/clients.md has the protocol, which is a few lines, and
examples/clients/starter has clients in Go, Python and Node to begin with.

With --listen no client is started: each scenario has an address of its own, which a
page lists, and your tests call it as its steps say. The run ends, and the report is
written, after Ctrl-C or a POST to /end on that page.

Exit codes: 0 conformant, 1 not conformant, 2 bad usage, 3 the client could not be
started, 4 the judge itself failed.`,
		Example: `  dragoman verify-client --dialect form -- python3 my_client.py
  dragoman verify-client --dialect session --listen 127.0.0.1:8090`,
		RunE: func(cmd *cobra.Command, args []string) error { return verifyClient(cmd, args, flags) },
	}
	f := command.Flags()
	bindDialects(f, &flags.options.Dialects, "the dialect that the client speaks")
	f.StringSliceVar(&flags.options.Only, "only", nil, "judge only the requirement with this id (`ROW`), as CLI-10 (repeatable)")
	bindProfile(f, &flags.profile)
	capabilities := capabilityNames()
	commandline.SomeOf(f, &flags.without, "without", capabilities, "what (`CAPABILITY`) the client cannot do, as logout,grpc: "+humanize.Or(capabilities)+" (repeatable)")
	f.BoolVar(&flags.options.Strict, "strict", false, "let warnings and untestable rows make the client not conformant")
	f.IntVar(&flags.options.Workers, "workers", 4, "how many (`N`) scenarios run at once")
	f.DurationVar(&flags.options.Timeout, "timeout", time.Minute, "how long (`DURATION`) the client may take to answer one command")
	f.StringVar(&flags.listen, "listen", "", "start no client: wait for its calls, and serve the page that says where, on this `ADDRESS`, as 127.0.0.1:0")
	flags.outputs.flags(f)
	commandline.Values(command, "only", clientRows)
	return command
}

// capabilityNames are what a client may be without.
func capabilityNames() []string {
	var names []string
	for _, one := range clientsuite.Capabilities() {
		names = append(names, string(one))
	}
	return names
}

func verifyClient(cmd *cobra.Command, args []string, flags verifyClientFlags) error {
	options, err := flags.complete(args)
	if err != nil {
		return err
	}
	printed := func(r *report.Report, w io.Writer) error { return writeTable(r, w, takesColour(w)) }
	outputs, err := flags.outputs.open(options.Subject.Name, printed) // first, so that no long run ends without its report
	if err != nil {
		return err
	}
	defer outputs.close()
	var r *report.Report
	if flags.listen != "" {
		r, err = runHosted(cmd, flags.listen, options)
	} else {
		fmt.Fprintln(cmd.ErrOrStderr(), "judging "+options.Subject.Name+", "+options.Subject.Runs)
		r, err = clientsuite.Run(cmd.Context(), clientsuite.ProcessProgram(args), options)
	}
	if err != nil {
		return err
	}
	return conclude(cmd, outputs, r)
}

// runHosted waits for clients that come by themselves.
func runHosted(cmd *cobra.Command, address string, options clientsuite.Options) (*report.Report, error) {
	listener, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	page := "http://" + listener.Addr().String() + "/"
	fmt.Fprintln(cmd.ErrOrStderr(), "where to call, and how: "+page+"; Ctrl-C, or POST "+page+"end, ends the run")
	options.Host = clientsuite.NewHost()
	ctx, stop := context.WithCancel(cmd.Context())
	served := make(chan error, 1)
	go func() { served <- options.Host.Serve(ctx, listener) }() // ends with ctx
	r, err := clientsuite.Run(cmd.Context(), nil, options)
	stop()
	return r, errors.Join(err, <-served)
}

// complete checks the flags, and says what is judged.
func (flags verifyClientFlags) complete(command []string) (clientsuite.Options, error) {
	o := flags.options
	if (len(command) == 0) == (flags.listen == "") {
		return o, errors.New("say how to start the client, behind --, or where to wait for it, with --listen")
	}
	if o.Workers < 1 || o.Timeout <= 0 {
		return o, errors.New("--workers and --timeout have to be positive")
	}
	o.Core = flags.profile == "core"
	for _, name := range flags.without {
		o.Without = append(o.Without, clientsuite.Capability(name))
	}
	if flags.listen != "" {
		o.Subject = report.Subject{Name: "a client that came by itself", Kind: "url", Runs: "called at an address for each scenario"}
		return o, nil
	}
	o.Subject = report.Subject{Name: strings.Join(command, " "), Kind: "command", Runs: "a process for each scenario"}
	if path, err := exec.LookPath(command[0]); err == nil {
		if digest, err := fileDigest(path); err == nil {
			o.Subject.Digest = "sha256:" + digest
		}
	}
	return o, nil
}
