package clientsuite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// conversation is what is said to one client, and what it answers.
type conversation struct {
	running Running
	lines   chan string   // the client's lines; closed when its output has ended
	printed output        // all of its standard output
	killed  chan struct{} // nobody reads lines any more
	ended   chan struct{} // the client has ended
	result  error         // after ended
	without []Capability  // what it said that it cannot do
}

// converse starts a client and waits until it is ready.
func converse(ctx context.Context, program Program, env Environment) (*conversation, error) {
	running, err := program.Start(ctx, env)
	if err != nil {
		return nil, err
	}
	c := &conversation{running: running, lines: make(chan string), killed: make(chan struct{}), ended: make(chan struct{})}
	go func() { // ends with the client, which kill ends
		defer close(c.ended)
		c.read()
		c.result = running.Wait()
	}()
	line, err := c.next(ctx, "its first line, "+wordReady)
	if err == nil {
		var is bool
		if c.without, is, err = ParseReady(line); !is && err == nil {
			err = fmt.Errorf("expected its first line, %s, got %.80q", wordReady, line)
		}
	}
	if err != nil {
		c.kill()
		return nil, err
	}
	return c, nil
}

// read reads the client's output to its end. Lines that are neither ready nor an
// answer are the client's own.
func (c *conversation) read() {
	defer close(c.lines)
	scanner := newLines(io.TeeReader(c.running.Output(), &c.printed))
	for scanner.Scan() {
		_, isReady, _ := ParseReady(scanner.Text())
		_, isAnswer, _ := ParseAnswer(scanner.Text())
		if !isReady && !isAnswer {
			continue
		}
		select {
		case c.lines <- scanner.Text():
		case <-c.killed:
		}
	}
	_, _ = io.Copy(&c.printed, c.running.Output()) // after a line that is too long
}

// newLines reads lines of up to maxOutput bytes.
func newLines(r io.Reader) *bufio.Scanner {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxOutput)
	return scanner
}

// say sends a command and returns its answer.
func (c *conversation) say(ctx context.Context, command Command) (Answer, error) {
	written := make(chan struct{})
	go func() { // ends when the client reads, or is killed
		defer close(written)
		_, _ = io.WriteString(c.running.Input(), string(command)+"\n") // a client that is gone says so in next
	}()
	line, err := c.next(ctx, fmt.Sprintf("an answer to %q", command))
	if err != nil {
		return nil, err
	}
	<-written
	answer, is, err := ParseAnswer(line)
	if !is && err == nil {
		err = fmt.Errorf("expected an answer to %q, as done 200:1, got %.80q", command, line)
	}
	return answer, err
}

// next is the client's next line.
func (c *conversation) next(ctx context.Context, wanted string) (string, error) {
	select {
	case line, more := <-c.lines:
		if more {
			return line, nil
		}
		<-c.ended
		return "", fmt.Errorf("expected %s, got the client's end (%s)%s", wanted, endOf(c.result), c.lastWords())
	case <-ctx.Done():
		return "", fmt.Errorf("expected %s, got none in time (is each line written out at once, not kept in a buffer?)%s", wanted, c.lastWords())
	}
}

func endOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// lastWords are the end of what a client said about its troubles. Its last line comes
// first: a traceback ends with what went wrong, and readers may see the beginning only.
func (c *conversation) lastWords() string {
	const shown = 300
	text := wholeEnd(strings.TrimSpace(c.running.Errors()), shown)
	if text == "" {
		return ""
	}
	cut := strings.LastIndexByte(text, '\n')
	said := fmt.Sprintf("; it said %q", text[cut+1:])
	if cut < 0 {
		return said
	}
	return said + fmt.Sprintf(", and before that %q", strings.TrimSpace(text[:cut]))
}

// wholeEnd is the end of a text, of so many bytes at most, from the beginning of a line, or
// at least of a word: part of a secret would not be found as one, and not be hidden.
func wholeEnd(text string, size int) string {
	if len(text) <= size {
		return text
	}
	_, lines, found := strings.Cut(text[len(text)-size:], "\n")
	if !found {
		_, lines, _ = strings.Cut(text[len(text)-size:], " ")
	}
	return lines
}

// end waits until a client that was told to close has ended.
func (c *conversation) end(ctx context.Context) error {
	_ = c.running.Input().Close()
	select {
	case <-c.ended:
	case <-ctx.Done():
		return errors.New("expected that the client ends after close, got one that runs on")
	}
	if c.result != nil {
		return fmt.Errorf("expected exit code 0 after close, got %w%s", c.result, c.lastWords())
	}
	return nil
}

// kill ends the client and waits until it has ended. It is called once.
func (c *conversation) kill() {
	close(c.killed)
	c.running.Kill()
	<-c.ended
}

// output is all that the client has printed.
func (c *conversation) output() string { return c.printed.String() + c.running.Errors() }
