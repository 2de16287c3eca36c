package commandline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// ManifestError answers an argument that should be the file of a manifest, and that
// could not be read as one, which is the cause. Where the argument is something else, as
// an address, an image or a program, the error says so, and how to come to a manifest
// for it. Else it is the cause.
func ManifestError(argument string, cause error) error {
	const usage = "the argument is the file of a manifest"
	if strings.Contains(argument, "://") {
		return fmt.Errorf("%s is an address, and %s: \"dragoman init --url %[1]s\" writes one", withoutSecrets(argument), usage)
	}
	info, err := os.Stat(argument)
	_, missing := os.Lstat(argument)
	switch {
	case err != nil && missing == nil: // a link to what is not there
		return cause
	case errors.Is(err, fs.ErrNotExist) && isAddress(argument):
		return fmt.Errorf("%s is an address, and %s: \"dragoman init --url http://%s\" writes one", argument, usage, withHost(argument))
	case errors.Is(err, fs.ErrNotExist) && isImage.MatchString(argument):
		return fmt.Errorf("there is no file %s, and %s: if it is an image, \"dragoman init --image %[1]s\" writes one", argument, usage)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s: correct the path, or write a manifest with \"dragoman init\"%s",
			argument, humanize.DidYouMean(filepath.Base(argument), filesBeside(argument)))
	case err != nil:
		return cause
	case info.IsDir():
		return fmt.Errorf("%s is a folder, and %s%s", argument, usage, within(argument))
	case isDockerfile(argument):
		return fmt.Errorf("%s is a Dockerfile, and %s: \"dragoman init --dockerfile %s\" writes one", argument, usage, filepath.Dir(argument))
	case isProgram(argument, info.Mode()):
		return fmt.Errorf("%s is a program, and %s: \"dragoman init --command ...\" writes one that starts it", argument, usage)
	case info.Mode().IsRegular() && info.Size() == 0:
		return fmt.Errorf("%s is empty; write a manifest with \"dragoman init --force -o %[1]s\"", argument)
	}
	return cause
}

// isAddress says whether a text is a host with a port, perhaps with a path. A name with
// a small number behind it is rather an image with its tag.
func isAddress(text string) bool {
	authority, _, _ := strings.Cut(text, "/")
	host, port, err := net.SplitHostPort(authority)
	number, wrong := strconv.ParseUint(port, 10, 16)
	if err != nil || wrong != nil || strings.Contains(text[len(authority):], ":") {
		return false
	}
	_, noIP := netip.ParseAddr(host)
	return host == "" || host == "localhost" || noIP == nil || strings.Contains(host, ".") || number >= 1024
}

// withoutSecrets leaves out of a URL what may be a password or a token.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// withHost writes localhost where an address begins with its port.
func withHost(address string) string {
	if strings.HasPrefix(address, ":") {
		return "localhost" + address
	}
	return address
}

// isImage fits the name of an image with a tag or a digest.
var isImage = regexp.MustCompile(`^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]+)$`)

// filesBeside are the names of the files where one is missing.
func filesBeside(missing string) []string {
	entries, err := os.ReadDir(filepath.Dir(missing))
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}

// within says how a folder becomes a manifest, as the end of a message.
func within(folder string) string {
	for _, name := range []string{"dragoman.yaml", "dragoman.yml"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return ": name " + filepath.Join(folder, name)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "Dockerfile")); err == nil {
		return fmt.Sprintf(": \"dragoman init --dockerfile %s\" writes one", folder)
	}
	return ": \"dragoman init\" writes one"
}

func isDockerfile(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	if ending := filepath.Ext(name); ending == ".yaml" || ending == ".yml" {
		return false // a manifest of what a Dockerfile builds
	}
	return strings.HasPrefix(name, "dockerfile") || strings.HasPrefix(name, "containerfile") || strings.HasSuffix(name, ".dockerfile")
}

// sources are the endings of files that are programs, or become some.
var sources = []string{
	".bat", ".class", ".cs", ".dll", ".exe", ".go", ".jar", ".java", ".js", ".kt", ".mjs", ".php", ".pl", ".ps1", ".py", ".rb", ".rs", ".sh", ".ts",
}

// isProgram goes by the ending of a file, by a first line that names an interpreter, and
// by bytes that no text has.
func isProgram(path string, mode fs.FileMode) bool {
	if slices.Contains(sources, strings.ToLower(filepath.Ext(path))) {
		return true
	}
	if !mode.IsRegular() {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // it was only read
	front, err := io.ReadAll(io.LimitReader(file, 512))
	return err == nil && (bytes.HasPrefix(front, []byte("#!")) || bytes.IndexByte(front, 0) >= 0)
}
