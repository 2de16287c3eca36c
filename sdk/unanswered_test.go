package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
)

// TestARequestThatIsNotAnsweredIsUnavailable has a good token: the error is that of
// the transport, which can be told as any failure of the back office can.
func TestARequestThatIsNotAnsweredIsUnavailable(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	errBody := errors.New("the disk is gone")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx         context.Context //nolint:containedctx // of the request
		err         error
		unavailable bool
		timeout     bool
	}{
		"nobody there":            {context.Background(), refused, true, false},
		"no such host":            {context.Background(), &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "office.example", IsNotFound: true}}, true, false},
		"too slow a dial":         {context.Background(), &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, true, true},
		"reset":                   {context.Background(), &net.OpError{Op: "read", Err: syscall.ECONNRESET}, true, false},
		"cut off":                 {context.Background(), io.EOF, true, false},
		"cut off within":          {context.Background(), fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true, false},
		"a body that fails":       {context.Background(), errBody, false, false},
		"a context that is ended": {ended, context.Canceled, false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			client := newClient(t, &scripted{login: hourly}, sdk.WithHTTPTransport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, c.err })))
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := &url.Error{Op: "Get", URL: "https://office.example/x", Err: c.err} // what net/http says
			_, err := client.R(c.ctx).Get("/x")
			if errors.Is(err, sdk.ErrUnavailable) != c.unavailable || os.IsTimeout(err) != c.timeout || !errors.Is(err, c.err) || err.Error() != want.Error() {
				t.Errorf("%s: %v, unavailable %v, a timeout %v; net/http says %v", name, err, errors.Is(err, sdk.ErrUnavailable), os.IsTimeout(err), want)
			}
			if c.unavailable {
				_, err := client.Do(t.Context(), sdk.Call{Op: "try", Path: "/x"})
				if text := "unavailable: " + c.err.Error(); !errors.Is(err, sdk.ErrUnavailable) || !strings.HasSuffix(err.Error(), text) {
					t.Errorf("%s: Do says %v", name, err)
				}
			}
			pass(time.Second)
		})
	}
}
