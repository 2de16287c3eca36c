package fleet_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/fleet"
)

// BenchmarkAccounts is an authorised request as one of many accounts, in turn, all
// of which are used of late, or all of which were idle.
func BenchmarkAccounts(b *testing.B) {
	for _, accounts := range []int{1, 1_000, 100_000} {
		o := newOffice(100 * time.Hour)
		f, err := fleet.New("https://office.example", o.as, fleet.WithHTTPTransport(o))
		if err != nil {
			b.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		names := make([]string, accounts)
		for i := range names {
			names[i] = name(i)
			login(b, f, names[i])
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			b.ReportAllocs()
			var turn atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					account := names[int(turn.Add(1))%accounts]
					err := f.With(b.Context(), account, func(client *sdk.Client) error {
						response, err := client.HTTPClient().Get("https://office.example/x")
						if err != nil {
							return err
						}
						return response.Body.Close()
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(accounts), "B/account-in-use")
		})
		if err := f.Stop(b.Context()); err != nil {
			b.Error(err)
		}
	}
}
