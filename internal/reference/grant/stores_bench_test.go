package grant_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/internal/reference/store/postgres/pgtest"
	"github.com/dragoman-auth/dragoman/reference/store"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

// perStore runs a benchmark over each store.
func perStore(b *testing.B, bench func(b *testing.B, s *grant.Service)) {
	cluster := sync.OnceValue(func() *pgtest.Cluster { return pgtest.New(b) })
	for _, name := range []string{"memory", "sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) {
			url := storeurl.Memory
			switch name {
			case "sqlite":
				url = storeurl.SQLite + filepath.Join(b.TempDir(), "dragoman.db")
			case "postgres":
				url = cluster().Database(b)
			}
			records, err := storeurl.Open(context.Background(), url)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = records.Close() })
			s := newService(b, grant.Config{Store: records})
			if _, err := s.OpenSession(context.Background(), root, grant.Client{}); err != nil { // makes the key
				b.Fatal(err)
			}
			b.ResetTimer()
			bench(b, s)
		})
	}
}

// inParallel repeats work on 64 goroutines, as many clients would.
func inParallel(b *testing.B, work func() error) {
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := work(); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per-s")
}

var root = grant.Subject{Login: "root"}

func BenchmarkIssue(b *testing.B) {
	perStore(b, func(b *testing.B, s *grant.Service) {
		inParallel(b, func() error {
			_, err := s.IssueForm(context.Background(), root, false)
			return err
		})
	})
}

// BenchmarkRefresh refreshes 64 sessions at once, in two shapes: each session a few
// times, then a new one; and the same sessions on and on. As clients do, each uses the
// token that it obtains.
func BenchmarkRefresh(b *testing.B) {
	for _, shape := range []struct {
		name  string
		times int // that a session is refreshed
	}{{"few", 3}, {"hundreds", 1 << 30}} {
		b.Run(shape.name, func(b *testing.B) {
			perStore(b, func(b *testing.B, s *grant.Service) {
				b.SetParallelism(64 / runtime.GOMAXPROCS(0))
				var opened atomic.Int64
				b.RunParallel(func(pb *testing.PB) {
					var pair grant.Pair
					var err error
					for i := 0; pb.Next() && err == nil; i++ {
						if i%shape.times == 0 {
							// An account of its own: another one's sessions are not what is measured.
							subject := grant.Subject{Login: fmt.Sprint("user", opened.Add(1))}
							pair, err = s.OpenSession(context.Background(), subject, grant.Client{})
						}
						if err == nil {
							pair, err = s.RefreshSession(context.Background(), pair.Refresh, pair.Access)
						}
						if err == nil {
							_, err = s.CheckSession(context.Background(), pair.Access)
						}
					}
					if err != nil {
						b.Error(err)
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per-s")
			})
		})
	}
}

func BenchmarkRevoke(b *testing.B) {
	perStore(b, func(b *testing.B, s *grant.Service) {
		tokens := make([]string, b.N)
		for i := range tokens {
			token, err := s.IssueForm(context.Background(), root, false)
			if err != nil {
				b.Fatal(err)
			}
			tokens[i] = token.Token
		}
		var next atomic.Int64
		b.ResetTimer()
		inParallel(b, func() error { return s.DeleteForm(context.Background(), tokens[next.Add(1)-1]) })
	})
}

// BenchmarkLookUp checks tokens all over a store that holds many, in memory and
// in SQLite, and reports the memory per token. Set
// DRAGOMAN_BENCH_TOKENS=1000000 for the last step, which takes minutes to fill.
func BenchmarkLookUp(b *testing.B) {
	sizes := []int{1_000, 10_000, 100_000}
	if os.Getenv("DRAGOMAN_BENCH_TOKENS") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, name := range []string{"memory", "sqlite"} {
		for _, size := range sizes {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				var records store.Store = memory.New()
				if name == "sqlite" {
					s, err := storeurl.Open(context.Background(), storeurl.SQLite+filepath.Join(b.TempDir(), "dragoman.db"))
					if err != nil {
						b.Fatal(err)
					}
					b.Cleanup(func() { _ = s.Close() })
					records = s
				}
				before := heap()
				s := newService(b, grant.Config{Store: records})
				tokens := fill(b, s, size)
				after := heap()
				own := slices.Clone(tokens) // takes what the list of the benchmark takes
				for i := range own {
					own[i] = strings.Clone(own[i])
				}
				perToken := (after - before - (heap() - after)) / float64(size)
				runtime.KeepAlive(own)
				arrived := make([]string, 512)
				i, left := 0, 0
				for b.Loop() {
					if left == 0 { // a token of a request has just been read: it does not come from far memory
						b.StopTimer()
						for left = range arrived {
							i = (i + 7919) % size // a prime: no two in a row are neighbours
							arrived[left] = strings.Clone(tokens[i])
						}
						b.StartTimer()
					}
					if _, err := s.CheckForm(context.Background(), arrived[left]); err != nil {
						b.Fatal(err)
					}
					left--
				}
				b.ReportMetric(perToken, "B/token")
			})
		}
	}
}

// fill issues tokens on many goroutines, so that they share commits.
func fill(b *testing.B, s *grant.Service, size int) []string {
	b.Helper()
	tokens := make([]string, size)
	var next atomic.Int64
	done := make(chan error)
	for range 256 {
		go func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(size) {
					done <- nil
					return
				}
				token, err := s.IssueForm(context.Background(), grant.Subject{Login: fmt.Sprint(i % 1000)}, false)
				if err != nil {
					done <- err
					return
				}
				tokens[i] = token.Token
			}
		}()
	}
	for range 256 {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	return tokens
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
