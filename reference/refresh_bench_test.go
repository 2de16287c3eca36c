//go:build unix

package reference_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// refresher is a client that keeps a session alive.
type refresher struct {
	client          *http.Client
	url             string
	access, refresh string
}

func (r *refresher) login() {
	answer := post(r.client, r.url+"/sessions", "application/json", `{"session":{"email":"root@example.com","password":"root"}}`)
	r.access, r.refresh = member(answer, "access_token"), member(answer, "refresh_token")
}

// send refreshes at a server, and returns its answer.
func (r *refresher) send(to string) (reply, error) {
	request, err := http.NewRequest(http.MethodPost, to+"/tokens", strings.NewReader(fmt.Sprintf(`{"refresh_token":%q}`, r.refresh)))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Authorization", "Bearer "+r.access)
	response, err := r.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", response.StatusCode, body)
	}
	return reply{status: response.StatusCode, header: response.Header, body: body}, err
}

// BenchmarkRefreshes refreshes sessions over loopback HTTP, and alternately sends the same
// requests to a bare httprouter handler with the same reply. In the shape "few" a session
// is refreshed three times, then another takes its place; in the shape "hundreds" it is
// the same one on and on. It reports how many times the cost of the router a refresh
// has.
func BenchmarkRefreshes(b *testing.B) {
	for _, backend := range []string{"memory", "sqlite"} {
		for shape, times := range map[string]int{"few": 3, "hundreds": 0} {
			for _, connections := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("%s/%s/%d", backend, shape, connections), func(b *testing.B) {
					client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * connections}, Timeout: 10 * time.Second}
					b.Cleanup(client.CloseIdleConnections)
					benchRefreshes(b, client, serveBench(b, backend), times, connections)
				})
			}
		}
	}
}

func benchRefreshes(b *testing.B, client *http.Client, url string, times, connections int) {
	all := make([]*refresher, connections)
	for i := range all {
		all[i] = &refresher{client: client, url: url}
		all[i].login()
	}
	first, err := all[0].send(url)
	if err != nil {
		b.Fatal(err)
	}
	bare := serveBare(b, http.MethodPost, "/tokens", first.header, first.body)
	all[0].login()
	const each = 3 // requests of a connection in a block
	block := func(to string) cost {
		began := spent()
		var working sync.WaitGroup
		for _, one := range all {
			working.Go(func() {
				for range each {
					answer, err := one.send(to)
					if err != nil {
						b.Error(err)
						return
					}
					access, refresh := member(answer, "access_token"), member(answer, "refresh_token")
					if to == url {
						one.access, one.refresh = access, refresh
					}
				}
			})
		}
		working.Wait()
		return spent().minus(began)
	}
	block(bare)
	var bareCost, fullCost cost
	blocks := 0
	for b.Loop() {
		bareCost, fullCost = bareCost.plus(block(bare)), fullCost.plus(block(url))
		if blocks++; times > 0 { // not counted
			for _, one := range all {
				one.login()
			}
		}
	}
	requests := float64(blocks * each * connections)
	b.ReportMetric(requests/fullCost.wall.Seconds(), "refreshes/s")
	b.ReportMetric(fullCost.wall.Seconds()/bareCost.wall.Seconds(), "xbare")
	b.ReportMetric(fullCost.cpu.Seconds()/bareCost.cpu.Seconds(), "xbare-cpu")
	b.ReportMetric(0, "ns/op")
}
