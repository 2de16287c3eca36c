package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/release/sums"
)

func newVersionCommand() *cobra.Command {
	var download sums.Download
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which dragoman this is, or check a file of a release",
		Long: `Says which dragoman this is.

With --check it checks a file of a release, off line: the list SHA256SUMS beside
it has to name the file with its digest, and SHA256SUMS.sig has to be the
signature of that list by --key, the public key of the maintainers.

Exit codes: 0 all of it holds, 1 something does not, 2 bad usage or nothing to
check by, 3 the digest holds, and without --key nothing is known of the signature.`,
		Example: `  dragoman version
  dragoman version --check dragoman_1.2.3_linux_amd64.tar.gz --key dragoman.pub`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if download.File != "" {
				return checkDownload(cmd.OutOrStdout(), download)
			}
			if download.List != "" || download.Key != "" {
				return errors.New("--sums and --key say what a file is checked by: name it with --check FILE")
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), versionLine())
			return err
		},
	}
	cmd.Flags().StringVar(&download.File, "check", "", "check this `FILE` of a release")
	cmd.Flags().StringVar(&download.List, "sums", "", "the `LIST` of digests (default SHA256SUMS beside the file)")
	cmd.Flags().StringVar(&download.Key, "key", "", "the public key, a `FILE`, that has to have signed the list")
	return cmd
}

// checkDownload says what holds of a file and what does not.
func checkDownload(out io.Writer, download sums.Download) error {
	found, err := sums.Check(download)
	if err != nil {
		return fmt.Errorf("check %s: %w", download.File, err)
	}
	if found.Proven() {
		_, err = fmt.Fprintf(out, "%s is of the release: its SHA-256 is %s, and the key has signed the list\n", download.File, found.Digest)
		return err
	}
	if problem := errors.Join(found.Listed, found.Signed); problem != nil {
		return &exitError{code: exitNonConformant, err: problem}
	}
	return &exitError{code: exitEnvironment, err: fmt.Errorf("%s has the digest that %s says, and nothing proves who wrote that list: name the public key with --key",
		download.File, download.ListPath())}
}

func versionLine() string {
	return fmt.Sprintf("dragoman %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
