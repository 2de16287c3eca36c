package subject

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// lookTimeout bounds a look at whether somebody listens at a port.
const lookTimeout = time.Second

// listens says whether somebody accepts connections at host:port. An engine's proxy
// accepts in the place of a container, and closes at once where nobody does inside.
func listens(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close() //nolint:errcheck // nothing was sent
	until, _ := ctx.Deadline()
	if conn.SetReadDeadline(until) != nil {
		return false
	}
	_, err = conn.Read(make([]byte, 1))
	return err == nil || errors.Is(err, os.ErrDeadlineExceeded) // whoever listens waits for the client
}

// explain returns the error unresponsive, or a clearer error where a container that
// runs listens on a port at none of its places. Printed is the last of what it printed,
// in words.
func (r recipe) explain(ctx context.Context, unresponsive *unresponsiveError, places []address, p probe, printed string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*lookTimeout)
	defer cancel()
	var ports, keys []string
	for _, port := range []struct {
		used   bool
		key    string
		inside int
		at     func(address) string
	}{
		{p.http, "ports.http", r.ports.HTTP, func(a address) string {
			u, _ := url.Parse(a.http) // made here
			return u.Host
		}},
		{p.grpc, "ports.grpc", r.ports.GRPC, func(a address) string { return a.grpc }},
	} {
		heard := !port.used
		for _, place := range places {
			heard = heard || listens(ctx, port.at(place))
		}
		if !heard {
			ports, keys = append(ports, strconv.Itoa(port.inside)), append(keys, "subject."+port.key)
		}
	}
	if len(ports) == 0 {
		return unresponsive
	}
	return fmt.Errorf("the container runs and its port %s is published, but within %s nothing listens on it from outside: "+
		"most likely the server in it listens on 127.0.0.1 (localhost), where no other machine and no published port leads; "+
		"let it listen on 0.0.0.0, or correct %s, or raise subject.ready.timeout where it starts slowly; %s",
		strings.Join(ports, " and "), humanize.Duration(unresponsive.within), strings.Join(keys, " and "), printed)
}
