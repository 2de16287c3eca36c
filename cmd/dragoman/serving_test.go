package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a running "dragoman serve".
type process struct {
	t       *testing.T
	command *exec.Cmd
	url     string
	grpc    string // "" without gRPC
	ended   chan error

	mu   sync.Mutex
	log  bytes.Buffer
	said chan struct{} // closed and replaced with every line
}

var announced = regexp.MustCompile(`on (https?://[0-9.:]+)(?:, gRPC on ([0-9.:]+))?`)

// startServe starts the binary without gRPC on a free port and waits for its
// announcement. The process ends with the test at the latest.
func startServe(t *testing.T, argv ...string) *process {
	t.Helper()
	return startServeBoth(t, append(argv, "--grpc", "")...)
}

// startServeBoth is startServe with gRPC where the arguments say.
func startServeBoth(t *testing.T, argv ...string) *process {
	t.Helper()
	argv = append(argv, "--listen", "127.0.0.1:0")
	p := &process{t: t, command: exec.Command(argv[0], argv[1:]...), ended: make(chan error, 1), said: make(chan struct{})}
	p.command.Env = append(os.Environ(), storeVariable+"=", dataDirVariable+"=")
	output, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	urls := make(chan string, 1)
	read := make(chan struct{})
	go func() { // ends with the process
		defer close(read)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			p.mu.Lock()
			p.log.WriteString(lines.Text() + "\n")
			close(p.said)
			p.said = make(chan struct{})
			p.mu.Unlock()
			if found := announced.FindStringSubmatch(lines.Text()); found != nil && p.url == "" {
				p.url, p.grpc = found[1], found[2]
				urls <- found[1]
			}
		}
	}()
	go func() {
		<-read
		p.ended <- p.command.Wait()
		close(urls)
	}()
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	select {
	case _, started := <-urls:
		if !started {
			t.Fatalf("serve ended: %s", p.logged())
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("serve did not start: %s", p.logged())
	}
	return p
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// signal sends the process a signal and waits until it has said something about
// it.
func (p *process) signal(signal os.Signal, want string) {
	p.t.Helper()
	before := len(p.logged())
	if err := p.command.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	timeout := time.After(30 * time.Second)
	for {
		p.mu.Lock()
		text, more := p.log.String()[before:], p.said
		p.mu.Unlock()
		if strings.Contains(text, want) {
			return
		}
		select {
		case <-more:
		case err := <-p.ended:
			p.ended <- err // for whoever waits for the end
			p.t.Fatalf("after %v serve ended with %v: %s", signal, err, text)
		case <-timeout:
			p.t.Fatalf("after %v serve does not say %q: %s", signal, want, text)
		}
	}
}

// kill ends the process like a power cut.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// terminate asks the process to end, and waits until it has drained.
func (p *process) terminate() {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Error(err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("serve ended with %v: %s", err, p.logged())
		}
	case <-time.After(30 * time.Second):
		p.t.Errorf("serve does not end: %s", p.logged())
	}
}

// exchange is an answer, or why there was none.
type exchange struct {
	status int
	header http.Header
	body   []byte
	err    error
}

func (e exchange) member(name string) string {
	var object map[string]any
	if json.Unmarshal(e.body, &object) != nil {
		return ""
	}
	text, _ := object[name].(string)
	return text
}

func (e exchange) String() string { return fmt.Sprintf("%d %s %v", e.status, e.body, e.err) }

// caller sends requests, over connections of its own. They end with the test: on a
// busy machine a limit of their own would end them too early.
type caller struct {
	http.Client
	t *testing.T
}

func newCaller(t *testing.T) *caller {
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{http.Client{Transport: transport}, t}
}

// send makes a request. Headers are "Name: value".
func (c *caller) send(method, url, body string, headers ...string) exchange {
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return exchange{err: err}
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Add(name, value)
	}
	resp, err := c.Do(req)
	if err != nil {
		return exchange{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return exchange{resp.StatusCode, resp.Header, text, err}
}

const formType = "Content-Type: application/x-www-form-urlencoded"

func (c *caller) openSession(url string) exchange {
	return c.send("POST", url+"/sessions", `{"session":{"email":"root@example.com","password":"root"}}`)
}

func (c *caller) refresh(url string, pair exchange) exchange {
	return c.send("POST", url+"/tokens", fmt.Sprintf(`{"refresh_token":%q}`, pair.member("refresh_token")), "Authorization: Bearer "+pair.member("access_token"))
}

func (c *caller) users(url, access string) exchange {
	return c.send("GET", url+"/users", "", "Authorization: Bearer "+access)
}

func (c *caller) formLogin(url string) exchange {
	return c.send("POST", url+"/login", "login=root&pass=root", formType)
}

func (c *caller) items(url, token string) exchange {
	return c.send("GET", url+"/items", "", "X-Auth-Bearer: "+token)
}

func (c *caller) formLogout(url, token string) exchange {
	return c.send("DELETE", url+"/login?token="+token, "")
}
