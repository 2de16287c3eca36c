package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/commandline"
)

type initFlags struct {
	draft   manifest.Draft
	command string
	output  string
	force   bool
}

func newInitCommand() *cobra.Command {
	var flags initFlags
	command := &cobra.Command{
		Use:   "init",
		Short: "Write a commented manifest for a server of yours",
		Long: `init writes a manifest (dragoman.yaml) for "dragoman verify". It uses the flags,
and asks on standard input for what is missing: where the server is, and which
dialects it has. All else has a default and is in the manifest as a comment.
Passwords come from the environment.`,
		Example: `  dragoman init --url https://shop.example --dialect form
  dragoman init --image my/back-office:1.2 --dialect session,rpc -o my.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return initialise(cmd, flags) },
	}
	f := command.Flags()
	f.StringVar(&flags.draft.URL, "url", "", "the server runs already, at this root `URL`")
	f.StringVar(&flags.draft.Image, "image", "", "the server is started from this container `IMAGE`")
	f.StringVar(&flags.draft.Dockerfile, "dockerfile", "", "the server is built from the Dockerfile in this folder (`DIR`)")
	f.StringVar(&flags.command, "command", "", "the server is started with this `COMMAND`; ${HTTP_PORT} in it stands for a free port")
	f.StringVar(&flags.draft.GRPC, "grpc", "", "beside --url, the `HOST:PORT` of direct gRPC")
	f.IntVar(&flags.draft.HTTPPort, "http-port", 8080, "the `PORT` of HTTP inside the container")
	f.IntVar(&flags.draft.GRPCPort, "grpc-port", 9090, "the `PORT` of gRPC inside the container")
	bindDialects(f, &flags.draft.Dialects, "a dialect that the server speaks")
	f.StringVar(&flags.draft.Account, "account", "", "login or e-mail (`LOGIN`) of an account with all rights; default from the environment")
	f.StringVarP(&flags.output, "output", "o", usualManifest, "the `FILE` to write; - prints it")
	f.BoolVar(&flags.force, "force", false, "write over a file that exists")
	command.MarkFlagsMutuallyExclusive("url", "image", "dockerfile", "command")
	commandline.Folder(command, "dockerfile")
	return command
}

func initialise(cmd *cobra.Command, flags initFlags) error {
	flags.draft.Command = strings.Fields(flags.command)
	if err := ask(cmd.InOrStdin(), cmd.ErrOrStderr(), &flags.draft); err != nil {
		return err
	}
	written, err := flags.draft.YAML()
	if err != nil {
		return err
	}
	if flags.output == "-" {
		_, err := cmd.OutOrStdout().Write(written)
		return err
	}
	if err := writeManifest(flags.output, written, flags.force); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s; next: dragoman doctor %s\n", flags.output, flags.output)
	return nil
}

func writeManifest(path string, content []byte, force bool) error {
	const mode = 0o644 // it holds no secret
	if force {
		return os.WriteFile(path, content, mode)
	}
	err := writeNew(path, content, mode)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists; --force writes over it", path)
	}
	return err
}

// ask asks for the required parts of a draft that are missing.
func ask(in io.Reader, out io.Writer, d *manifest.Draft) error {
	answers := bufio.NewScanner(in)
	line := func(question string) (string, error) {
		fmt.Fprint(out, question+" ")
		if !answers.Scan() {
			fmt.Fprintln(out)
			return "", errors.Join(errors.New("no answer; say it with flags, see dragoman init --help"), answers.Err())
		}
		return strings.TrimSpace(answers.Text()), nil
	}
	if d.URL == "" && d.Image == "" && d.Dockerfile == "" && len(d.Command) == 0 {
		where, err := line("Where is the server? A URL, a container image, a folder with a Dockerfile (./...), or a command (with spaces):")
		if err != nil {
			return err
		}
		place(d, where)
	}
	if len(d.Dialects) == 0 {
		dialects, err := line("Which dialects does it speak (" + strings.Join(manifest.DialectNames(), ", ") + ")?")
		if err != nil {
			return err
		}
		d.Dialects = strings.FieldsFunc(dialects, func(r rune) bool { return r == ' ' || r == ',' })
	}
	return nil
}

// place sets the subject that an answer names; it recognises the kind by the form
// of the answer.
func place(d *manifest.Draft, where string) {
	switch {
	case strings.Contains(where, "://"):
		d.URL = where
	case len(strings.Fields(where)) > 1:
		d.Command = strings.Fields(where)
	case strings.HasPrefix(where, ".") || strings.HasPrefix(where, "/"):
		d.Dockerfile = where
	default:
		d.Image = where
	}
}
