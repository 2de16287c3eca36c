package zoo

import (
	"bufio"
	"context"
	stderrors "errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/clientsuite"
)

// caller is a client of this process.
type caller interface {
	// call makes a call; status is that of the answer.
	call(ctx context.Context, method, path string, body payload) (status int, err error)
	// grpc makes a unary call over gRPC; code is the name of the code.
	grpc(ctx context.Context, method string) (code string, err error)
	// receive reads a stream over gRPC to its end; code is the name of the code.
	receive(ctx context.Context, method string) (code string, err error)
	logout(ctx context.Context) error
	// close ends the client; the session may live on.
	close(ctx context.Context) error
}

// payload is the body of a call: so many bytes, which can be read again or only once.
type payload struct {
	bytes int
	once  bool
}

// reader is a new reader of the body, nil where there is none.
func (p payload) reader() io.Reader {
	if p.bytes == 0 {
		return nil
	}
	return strings.NewReader(clientsuite.BodyOf(p.bytes))
}

// request makes a request with the body.
func (p payload) request(ctx context.Context, method, url string) (*http.Request, error) {
	body := p.reader()
	if p.once && body != nil {
		body = struct{ io.Reader }{body} // net/http cannot make it anew
	}
	return http.NewRequestWithContext(ctx, method, url, body)
}

// speak reads commands and lets a client carry them out, until they end or it is
// closed.
func speak(ctx context.Context, in io.Reader, out, errors io.Writer, c caller, without ...clientsuite.Capability) error {
	ready := "ready"
	if len(without) > 0 {
		ready += " without " + strings.Trim(fmt.Sprint(without), "[]")
	}
	if _, err := fmt.Fprintln(out, ready); err != nil {
		return err
	}
	s := &commands{client: c, errors: errors}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		answer := s.obey(ctx, words)
		if s.crashed {
			return errCrash
		}
		if _, err := fmt.Fprintln(out, answer); err != nil {
			return err
		}
		if words[0] != "close" {
			continue
		}
		if stderrors.Is(s.closed, errHang) {
			<-ctx.Done()
		}
		return s.closed
	}
	return lines.Err()
}

// commands carries out commands.
type commands struct {
	client caller
	errors io.Writer
	closed error

	mu      sync.Mutex
	answer  clientsuite.Answer
	crashed bool
}

// What clients come to that do not end as they should.
var (
	errHang  = stderrors.New("the client does not end")
	errCrash = stderrors.New("the client crashed")
)

func (s *commands) obey(ctx context.Context, words []string) clientsuite.Answer {
	s.answer = clientsuite.Answer{}
	number := func(i int) int {
		n, _ := strconv.Atoi(words[min(i, len(words)-1)])
		return n
	}
	var calling sync.WaitGroup
	switch words[0] {
	case "call":
		s.count(s.client.call(ctx, words[1], words[2], payload{bytes: number(3)}))
	case "stream":
		s.count(s.client.call(ctx, words[1], words[2], payload{bytes: number(3), once: true}))
	case "parallel":
		for range number(1) {
			calling.Go(func() { s.count(s.client.call(ctx, words[2], words[3], payload{})) })
		}
	case "deadline":
		s.within(ctx, number(1), words[2:])
	case "race":
		calling.Go(func() { s.within(ctx, number(2), words[3:]) })
		<-time.After(time.Millisecond) // the one with the deadline comes first
		for range number(1) {
			calling.Go(func() { s.count(s.client.call(ctx, words[3], words[4], payload{})) })
		}
	case "grpc":
		code, err := s.client.grpc(ctx, words[1])
		s.outcome(code, err)
	case "receive":
		code, err := s.client.receive(ctx, words[1])
		s.outcome(code, err)
	case "wait":
		<-time.After(time.Duration(number(1)) * time.Second)
	case "logout":
		if err := s.client.logout(ctx); err != nil {
			s.outcome("", err)
		}
	case "close":
		s.closed = s.client.close(ctx)
	default:
		s.outcome("", fmt.Errorf("no command %q", words[0]))
	}
	calling.Wait()
	return s.answer
}

// within makes a call with a deadline in milliseconds.
func (s *commands) within(ctx context.Context, ms int, words []string) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
	defer cancel()
	s.count(s.client.call(ctx, words[0], words[1], payload{}))
}

func (s *commands) count(status int, err error) { s.outcome(strconv.Itoa(status), err) }

// outcome adds the outcome of a call to the answer, and prints its error.
func (s *commands) outcome(text string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crashed = s.crashed || stderrors.Is(err, errCrash)
	if err != nil {
		text = "error"
		fmt.Fprintln(s.errors, "error:", err)
	}
	s.answer[text]++
}
