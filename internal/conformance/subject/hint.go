package subject

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// withHint adds to an error of reaching a subject what to do about it.
func withHint(err error) error {
	fix := ""
	var (
		host      *net.DNSError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &host):
		fix = "correct the host in the manifest, or the name service of this machine"
	case errors.As(err, &authority):
		fix = "name the file of its authority in subject.tls.ca"
	case errors.As(err, &name):
		fix = "write the certificate's name into subject.tls.server_name"
	case errors.As(err, &record):
		fix = "it seems to speak http, not https"
	case errors.Is(err, syscall.ECONNREFUSED):
		fix = "nobody listens there: start the server, or correct the port"
	case errors.Is(err, os.ErrDeadlineExceeded):
		fix = "nothing came back in time: see whether the server hangs, or a firewall is between"
	}
	if fix == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, fix)
}

// withHint adds to an error of starting a container that its image is the
// reason, where it is neither here nor could be pulled.
func (e *engine) withHint(ctx context.Context, err error, image string) error {
	if image == "" {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), engineTimeout)
	defer cancel()
	if _, missing := e.provider.Client().ImageInspect(ctx, image); missing == nil {
		return err
	}
	return fmt.Errorf("there is no image %s, and it cannot be pulled: %w; correct subject.image, or build it first", image, err)
}
