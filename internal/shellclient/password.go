package shellclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/dragoman-auth/dragoman/sdk"
)

// passwordVariable holds the password where neither a file nor a command is named.
const passwordVariable = "DRAGOMAN_PASSWORD"

// passwordSource says where the password is, which is read only when a login needs
// it.
type passwordSource struct{ file, command string }

func (p *passwordSource) bind(f *pflag.FlagSet) {
	f.StringVar(&p.file, "password-file", "", "`FILE` whose first line is the password")
	f.StringVar(&p.command, "password-command", "", "`COMMAND` of the shell that prints the password (default $"+passwordVariable+", else the terminal)")
}

// ask reads the password once it is needed.
func (p *passwordSource) ask(cmd *cobra.Command) sdk.SecretFunc {
	return func(ctx context.Context) (sdk.Secret, error) {
		password, err := p.read(ctx, cmd)
		if err == nil && password == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			return sdk.Secret{}, fmt.Errorf("read the password: %w", err)
		}
		return sdk.NewSecret(password), nil
	}
}

func (p *passwordSource) read(ctx context.Context, cmd *cobra.Command) (string, error) {
	switch {
	case p.file != "" && p.command != "":
		return "", errors.New("both --password-file and --password-command are set")
	case p.file != "":
		text, err := os.ReadFile(p.file)
		return firstLine(text), err
	case p.command != "":
		var printed bytes.Buffer
		command := exec.CommandContext(ctx, "sh", "-c", p.command)
		command.Stdout, command.Stderr = &printed, cmd.ErrOrStderr()
		if err := command.Run(); err != nil {
			return "", fmt.Errorf("--password-command: %w", err)
		}
		return firstLine(printed.Bytes()), nil
	}
	if password := os.Getenv(passwordVariable); password != "" {
		return password, nil
	}
	input, is := cmd.InOrStdin().(*os.File)
	if !is || !term.IsTerminal(int(input.Fd())) {
		return "", errors.New("set $" + passwordVariable + ", --password-file or --password-command, for there is no terminal to ask at")
	}
	fmt.Fprint(cmd.ErrOrStderr(), "Password: ")
	password, err := term.ReadPassword(int(input.Fd()))
	fmt.Fprintln(cmd.ErrOrStderr())
	return string(password), err
}

func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return strings.TrimSuffix(string(line), "\r")
}
