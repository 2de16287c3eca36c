package subject

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// digestTimeout bounds the look at a server's certificate.
const digestTimeout = 10 * time.Second

// Digest says which subject it was, as "sha256:" and hex: the id of a
// container's image, the program of a command, the program that the reference
// is part of, or, of a server that already ran, its URL and certificate. It is
// "" where that could not be found out.
func (r *Running) Digest(ctx context.Context) string {
	if r.digest == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, digestTimeout)
	defer cancel()
	return r.digest(ctx)
}

// program is where a command's first word stands: in the search path, or below
// its working directory.
func program(word, dir string) string {
	if strings.Contains(word, "/") && !filepath.IsAbs(word) {
		return filepath.Join(dir, word)
	}
	return word
}

// fileDigest is that of a program.
func fileDigest(name string) func(context.Context) string {
	return func(context.Context) string {
		path, err := exec.LookPath(name)
		if err != nil {
			return ""
		}
		file, err := os.Open(path)
		if err != nil {
			return ""
		}
		defer file.Close() //nolint:errcheck // it was only read
		sum := sha256.New()
		if _, err := io.Copy(sum, file); err != nil {
			return ""
		}
		return "sha256:" + hex.EncodeToString(sum.Sum(nil))
	}
}

// ownDigest is that of this program.
func ownDigest(ctx context.Context) string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return fileDigest(path)(ctx)
}

// urlDigest is that of a URL, a line feed, and the server's certificate where
// it shows one.
func (r *Running) urlDigest(ctx context.Context) string {
	sum := sha256.New()
	_, _ = io.WriteString(sum, r.HTTP+r.GRPC+"\n") // a hash takes everything
	if target, err := url.Parse(r.HTTP); err == nil && target.Scheme == "https" {
		address := target.Host
		if target.Port() == "" {
			address = net.JoinHostPort(target.Hostname(), "443")
		}
		conn, err := (&tls.Dialer{Config: r.Transport.TLSClientConfig.Clone()}).DialContext(ctx, "tcp", address)
		if err != nil {
			return ""
		}
		defer conn.Close() //nolint:errcheck // nothing was sent
		if secure, ok := conn.(*tls.Conn); ok {
			sum.Write(secure.ConnectionState().PeerCertificates[0].Raw)
		}
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}
