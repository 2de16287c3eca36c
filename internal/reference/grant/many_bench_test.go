package grant_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/clock"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// BenchmarkManySessions fills each store with sessions, ten of an account, and
// reports what they take, how long it takes to open the store again and to check the
// first token of it, and, while a sweep removes all of them, how long that takes and the
// longest time of a check meanwhile. It runs once, whatever -benchtime says. Set
// DRAGOMAN_BENCH_SESSIONS=1000000 for a million, which takes minutes to fill.
func BenchmarkManySessions(b *testing.B) {
	sessions := 20_000
	if text := os.Getenv("DRAGOMAN_BENCH_SESSIONS"); text != "" {
		var err error
		if sessions, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	cluster := sync.OnceValue(func() *pgtest.Cluster { return pgtest.New(b) })
	for _, name := range []string{"memory", "sqlite", "postgres"} {
		done := false
		b.Run(fmt.Sprintf("%s/%d", name, sessions), func(b *testing.B) {
			if done {
				return
			}
			done = true
			many := &manySessions{size: func() float64 { return 0 }}
			switch name {
			case "memory":
				many.url = storeurl.Memory
			case "sqlite":
				path := filepath.Join(b.TempDir(), "dragoman.db")
				many.url, many.size = storeurl.SQLite+path, func() float64 { return fileSize(b, path) }
			default:
				many.url = cluster().Database(b)
				many.size = func() float64 { return databaseSize(b, many.url) }
			}
			many.bench(b, sessions)
		})
	}
}

// manySessions is a store that holds many.
type manySessions struct {
	url     string
	size    func() float64 // of its file or database, in bytes
	records storeurl.Store
	service *grant.Service
	later   *grant.Service // its sessions outlive those of service
}

// muchLater is after the end of a session that is opened now.
const muchLater = 100 * 24 * time.Hour

func (m *manySessions) open(b *testing.B) {
	var err error
	if m.records, err = storeurl.Open(context.Background(), m.url); err != nil {
		b.Fatal(err)
	}
	m.service = newService(b, grant.Config{Store: m.records})
	ahead := clock.NewOffset(clock.System{})
	ahead.Advance(muchLater)
	m.later = newService(b, grant.Config{Store: m.records, Clock: ahead})
}

func (m *manySessions) bench(b *testing.B, sessions int) {
	before := heap()
	m.open(b)
	token := m.fill(b, sessions)
	memory := (heap() - before) / float64(sessions)
	if m.url != storeurl.Memory {
		_ = m.records.Close()
		b.ReportMetric(m.size()/float64(sessions), "disk-B/session")
		began := time.Now()
		m.open(b)
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "open-ms")
	}
	defer func() { _ = m.records.Close() }()
	began := time.Now()
	if _, err := m.service.CheckSession(context.Background(), token); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "first-check-ms")
	b.ReportMetric(memory, "heap-B/session")
	runtime.KeepAlive(m)
	m.sweep(b, sessions)
	b.ReportMetric(0, "ns/op")
}

// fill opens sessions on many goroutines, so that they share commits. It returns a token
// of the last.
func (m *manySessions) fill(b *testing.B, sessions int) string {
	b.Helper()
	var next atomic.Int64
	var token atomic.Value
	var all sync.WaitGroup
	for range 256 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(sessions); i = next.Add(1) {
				pair, err := m.service.OpenSession(context.Background(), grant.Subject{Login: fmt.Sprint("user", i%int64(sessions/10))}, grant.Client{})
				if err != nil {
					b.Error(err)
					return
				}
				token.Store(pair.Access)
			}
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return token.Load().(string)
}

// sweep removes all sessions while a token of another is checked over and over.
func (m *manySessions) sweep(b *testing.B, sessions int) {
	pair, err := m.later.OpenSession(context.Background(), root, grant.Client{})
	if err != nil {
		b.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan time.Duration)
	go func() {
		longest := time.Duration(0)
		for {
			began := time.Now()
			_, err := m.later.CheckSession(context.Background(), pair.Access)
			if longest = max(longest, time.Since(began)); err != nil {
				b.Error(err)
			}
			select {
			case <-stop:
				stopped <- longest
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	began := time.Now()
	removed, err := m.records.Sweep(context.Background(), began.Add(muchLater))
	took := time.Since(began)
	close(stop)
	longest := <-stopped
	if err != nil || removed < sessions {
		b.Errorf("%d removed of %d: %v", removed, sessions, err)
	}
	b.ReportMetric(took.Seconds(), "sweep-s")
	b.ReportMetric(float64(longest.Microseconds())/1000, "check-meanwhile-max-ms")
}

func fileSize(b *testing.B, path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return float64(info.Size())
}

func databaseSize(b *testing.B, url string) float64 {
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	var size int64
	if err := conn.QueryRow(context.Background(), "SELECT pg_database_size(current_database())").Scan(&size); err != nil {
		b.Fatal(err)
	}
	return float64(size)
}
