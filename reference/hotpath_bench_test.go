//go:build unix

package reference_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// authorised is a request of each dialect that needs a token.
var authorised = []struct {
	dialect, method, path, body string
	login                       func(c *http.Client, url string) (header, value string)
}{
	{"session", "GET", "/users", "", func(c *http.Client, url string) (string, string) {
		return "Authorization", "Bearer " + member(post(c, url+"/sessions", "application/json", `{"session":{"email":"root@example.com","password":"root"}}`), "access_token")
	}},
	{"form", "GET", "/items", "", func(c *http.Client, url string) (string, string) {
		return "X-Auth-Bearer", member(post(c, url+"/login", "application/x-www-form-urlencoded", "login=root&pass=root"), "token")
	}},
	{"rpc", "POST", "/grpc", `{"method":"axxonsoft.bl.domain.DomainService.GetVersion","data":{}}`, func(c *http.Client, url string) (string, string) {
		return "Authorization", "Bearer " + benchRPC(c, url)
	}},
	{"scoped", "GET", "/api/v1/objects", "", func(c *http.Client, url string) (string, string) {
		return "Authorization", "Bearer " + member(post(c, url+"/api/v1/auth/token", "application/json", `{"username":"root","password":"root"}`), "token")
	}},
}

// BenchmarkAuthorised requests a protected resource over loopback HTTP, and
// alternately a bare httprouter handler that sends the same reply. It reports the
// share of the bare handler's throughput that is reached.
func BenchmarkAuthorised(b *testing.B) {
	for _, backend := range []string{"memory", "sqlite"} {
		for _, endpoint := range authorised {
			b.Run(backend+"/"+endpoint.dialect, func(b *testing.B) {
				client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 10 * time.Second}
				b.Cleanup(client.CloseIdleConnections)
				url := serveBench(b, backend)
				header, value := endpoint.login(client, url)
				request := func(to string) *http.Request {
					r, err := http.NewRequest(endpoint.method, to+endpoint.path, strings.NewReader(endpoint.body))
					if err != nil {
						b.Fatal(err)
					}
					r.Header.Set(header, value)
					return r
				}
				reply, err := client.Do(request(url))
				if err != nil || reply.StatusCode != http.StatusOK {
					b.Fatalf("%v %v", reply, err)
				}
				body, _ := io.ReadAll(reply.Body)
				reply.Body.Close()
				bare := serveBare(b, endpoint.method, endpoint.path, reply.Header, body)
				compare(b, client, func() *http.Request { return request(bare) }, func() *http.Request { return request(url) })
			})
		}
	}
}

// compare runs blocks of requests against both alternately, so that other load on
// the machine slows both.
func compare(b *testing.B, client *http.Client, bare, full func() *http.Request) {
	const block = 400
	var bareCost, fullCost cost
	run := func(request func() *http.Request) cost {
		began := spent()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range block / 8 {
					resp, err := client.Do(request())
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if resp.StatusCode != http.StatusOK {
						b.Errorf("status %d", resp.StatusCode)
						return
					}
				}
			})
		}
		all.Wait()
		return spent().minus(began)
	}
	run(bare)
	run(full)
	blocks := 0
	for b.Loop() {
		if blocks%2 == 0 {
			bareCost = bareCost.plus(run(bare))
			fullCost = fullCost.plus(run(full))
		} else {
			fullCost = fullCost.plus(run(full))
			bareCost = bareCost.plus(run(bare))
		}
		blocks++
	}
	requests := float64(blocks * block)
	b.ReportMetric(requests/fullCost.wall.Seconds(), "authorised/s")
	b.ReportMetric(100*bareCost.wall.Seconds()/fullCost.wall.Seconds(), "%ofbare")
	b.ReportMetric(float64(fullCost.cpu.Microseconds())/requests, "cpu-us/op")
	b.ReportMetric(100*bareCost.cpu.Seconds()/fullCost.cpu.Seconds(), "%ofbare-cpu")
	b.ReportMetric(0, "ns/op")
}

// cost is the time that a block took: wall time, and processor time of client and
// server together. On a busy machine only the second is meaningful.
type cost struct{ wall, cpu time.Duration }

func spent() cost {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return cost{time.Duration(time.Now().UnixNano()), time.Duration(usage.Utime.Nano() + usage.Stime.Nano())}
}

func (c cost) plus(d cost) cost  { return cost{c.wall + d.wall, c.cpu + d.cpu} }
func (c cost) minus(d cost) cost { return cost{c.wall - d.wall, c.cpu - d.cpu} }

// serveBench serves the reference with the demo accounts over a store.
func serveBench(b *testing.B, backend string) string {
	b.Helper()
	location := storeurl.Memory
	if backend == "sqlite" {
		location = storeurl.SQLite + filepath.Join(b.TempDir(), "dragoman.db")
	}
	s, err := storeurl.Open(context.Background(), location)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	server, err := reference.New(reference.Config{Accounts: reference.DemoAccounts(), Hasher: account.FastHasher{}, Store: s})
	if err != nil {
		b.Fatal(err)
	}
	return listenBench(b, server.Handler())
}

// serveBare serves one reply, with the same headers, and nothing else.
func serveBare(b *testing.B, method, path string, header http.Header, body []byte) string {
	router := httprouter.New()
	router.Handle(method, path, func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
		_, _ = io.Copy(io.Discard, r.Body)
		for _, name := range []string{"Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Length"} {
			w.Header()[name] = header[name]
		}
		_, _ = w.Write(body)
	})
	return listenBench(b, router)
}

func listenBench(b *testing.B, handler http.Handler) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	b.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return "http://" + l.Addr().String()
}

func post(c *http.Client, url, contentType, body string) reply {
	resp, err := c.Post(url, contentType, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		panic(fmt.Sprintf("%d %s %v", resp.StatusCode, text, err))
	}
	return reply{status: resp.StatusCode, body: text}
}

func member(r reply, name string) string { return r.member(name) }

func benchRPC(c *http.Client, url string) string {
	r, err := http.NewRequest(http.MethodPost, url+"/grpc",
		strings.NewReader(`{"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":"root","password":"root"}}`))
	if err != nil {
		panic(err)
	}
	r.SetBasicAuth("root", "root")
	resp, err := c.Do(r)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return reply{status: resp.StatusCode, body: text}.member("token_value")
}
