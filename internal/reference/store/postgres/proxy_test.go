package postgres_test

import (
	"context"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a store and its database, and cuts their connections at
// a chosen moment.
type proxy struct {
	listener net.Listener
	database string // its address
	cutNext  atomic.Bool
	served   sync.WaitGroup
	resumed  atomic.Pointer[chan struct{}] // nil: what clients send is passed on
	refuses  atomic.Bool                   // new connections

	mu    sync.Mutex
	ends  []net.Conn // both of each connection
	ended bool
}

// newProxy returns a proxy of the database, and its URL.
func newProxy(t *testing.T, database string) (p *proxy, through string) {
	t.Helper()
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	p = &proxy{database: address.Host}
	if p.listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	p.served.Go(p.serve)
	t.Cleanup(func() {
		_ = p.listener.Close()
		p.cut(true)
		p.served.Wait()
	})
	address.Host = p.listener.Addr().String()
	return p, address.String()
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.refuses.Load() {
			_ = client.Close()
			continue
		}
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.database)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.ends = append(p.ends, client, server)
		late := p.ended
		p.mu.Unlock()
		if late {
			p.cut(true)
		}
		p.served.Go(func() { p.copy(server, client, nil) })
		p.served.Go(func() { p.copy(client, server, &p.cutNext) })
	}
}

// copy passes on what it reads until either end is closed. When it is told to
// cutNext, it cuts the connection in place of passing on what it reads next.
func (p *proxy) copy(to, from net.Conn, cutNext *atomic.Bool) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || cutNext != nil && cutNext.CompareAndSwap(true, false) {
			return
		}
		if frozen := p.resumed.Load(); frozen != nil && cutNext == nil { // from the client
			<-*frozen
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// freeze keeps what clients send until resume, as a database does that is stopped. It
// refuses new connections, also afterwards: one could cancel what is kept.
func (p *proxy) freeze() (resume func()) {
	p.refuses.Store(true)
	resumed := make(chan struct{})
	p.resumed.Store(&resumed)
	return sync.OnceFunc(func() {
		p.resumed.Store(nil)
		close(resumed)
	})
}

// cut cuts all connections.
func (p *proxy) cut(last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, end := range p.ends {
		_ = end.Close()
	}
	p.ends, p.ended = nil, last
}
