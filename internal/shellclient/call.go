package shellclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/sdk"
)

// request is what call sends, as its flags say.
type request struct {
	headers []string
	data    string
	include bool
}

// maxData bounds a body that is read from a file or the input, for it may have to be
// sent again.
const maxData = 64 << 20

func newCall() *cobra.Command {
	var t target
	var r request
	cmd := &cobra.Command{
		Use:   "call [METHOD] PATH",
		Short: "Send a request with a token that is alive, and print the answer",
		Long: `call sends one request to the back office and prints the body of its answer. The
method is GET, or POST with --data. A rejected token is replaced once, and the
request is sent again.

Exit codes: 0 the status is below 400, 1 it is not, or there is no answer, 2 bad usage.`,
		Example: `  dragoman call --dialect form /items
  dragoman call --dialect session PUT /users/7 --data '{"name":"New"}'
  dragoman call --dialect scoped POST /objects --data @object.json --include`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.with(cmd, func(ctx context.Context, client *sdk.Client) error { return r.send(ctx, cmd, client, args) })
		},
	}
	t.bind(cmd)
	f := cmd.Flags()
	f.StringArrayVarP(&r.headers, "header", "H", nil, "`HEADER`, as \"Accept: text/csv\" (repeatable)")
	f.StringVarP(&r.data, "data", "d", "", "body (`DATA`); @FILE is a file, @- the input; JSON unless a header says otherwise")
	f.BoolVarP(&r.include, "include", "i", false, "print the status and the header as well")
	return cmd
}

func (r request) send(ctx context.Context, cmd *cobra.Command, client *sdk.Client, args []string) error {
	made, err := r.make(ctx, cmd.InOrStdin(), client, args)
	if err != nil {
		return &Exit{Code: usage, Err: err}
	}
	response, err := client.HTTPClient().Do(made)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	out := cmd.OutOrStdout()
	if r.include {
		if err := writeHead(out, response); err != nil {
			return err
		}
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return &Exit{Code: failed, Err: fmt.Errorf("%s %s: %s", made.Method, made.URL.Path, response.Status)}
	}
	return nil
}

// usage is the exit code of a mistake on the command line.
const usage = 2

// make is the request. Its path is below the root URL, so that no argument can send
// the credentials elsewhere.
func (r request) make(ctx context.Context, input io.Reader, client *sdk.Client, args []string) (*http.Request, error) {
	path := args[len(args)-1]
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("the path %q does not begin with /: --url is the address, and the path is what stands behind it", path)
	}
	body, err := r.body(input)
	if err != nil {
		return nil, err
	}
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	if len(args) > 1 {
		method = strings.ToUpper(args[0])
	}
	made, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(client.BaseURL().String(), "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		made.Header.Set("Content-Type", "application/json")
	}
	made.Header.Set("Accept", "*/*")
	for _, line := range r.headers {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return nil, fmt.Errorf("the header %q has no colon", name)
		}
		made.Header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return made, nil
}

// body is nil where there is none.
func (r request) body(input io.Reader) ([]byte, error) {
	name, isFile := strings.CutPrefix(r.data, "@")
	switch {
	case r.data == "":
		return nil, nil
	case !isFile:
		return []byte(r.data), nil
	case name != "-":
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("--data: %w", err)
		}
		defer func() { _ = file.Close() }()
		input = file
	}
	data, err := io.ReadAll(io.LimitReader(input, maxData+1))
	if err == nil && len(data) > maxData {
		err = fmt.Errorf("it is longer than %d bytes", maxData)
	}
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	return data, nil
}

func writeHead(out io.Writer, response *http.Response) error {
	_, err := fmt.Fprintf(out, "%s %s\n", response.Proto, response.Status)
	err = errors.Join(err, response.Header.Write(out))
	_, end := fmt.Fprintln(out)
	return errors.Join(err, end)
}
