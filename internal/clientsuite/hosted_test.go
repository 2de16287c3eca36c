package clientsuite_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/clientsuite"
)

// formClient logs in once, and follows redirects with its token.
type formClient struct {
	t     *testing.T
	offer clientsuite.Offer
	token string
}

func (c *formClient) call(login bool) {
	c.t.Helper()
	if login {
		response, err := http.PostForm(c.offer.URL+"/login", url.Values{"login": {c.offer.Login}, "pass": {c.offer.Password}})
		if err != nil {
			c.t.Fatal(err)
		}
		defer response.Body.Close()
		var answer struct{ Token string }
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			c.t.Fatal(err)
		}
		c.token = answer.Token
	}
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.offer.URL+"/things", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("X-Auth-Bearer", c.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	response.Body.Close()
}

// hostedRun is a run of some rows in the form dialect whose clients come by themselves.
type hostedRun struct {
	t        *testing.T
	page     string
	reported chan *report.Report
}

// host starts a run. A call that does not succeed is over when nothing comes for idle.
func host(t *testing.T, idle time.Duration, rows ...string) hostedRun {
	t.Helper()
	host := clientsuite.NewHost()
	host.IdleTime = idle
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	running.Go(func() {
		if err := host.Serve(t.Context(), listener); err != nil {
			t.Error(err)
		}
	})
	h := hostedRun{t: t, page: "http://" + listener.Addr().String(), reported: make(chan *report.Report, 1)}
	running.Go(func() {
		r, err := clientsuite.Run(t.Context(), nil, clientsuite.Options{Dialects: []string{"form"}, Only: rows, Host: host})
		if err != nil {
			t.Error(err)
		}
		h.reported <- r
	})
	return h
}

// await waits until so many commands of a scenario are over, and, where it is to go on,
// until it waits for the next call.
func (h hostedRun) await(row string, done int, next bool) *formClient {
	h.t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; <-time.After(5 * time.Millisecond) {
		response, err := http.Get(h.page)
		if err != nil {
			h.t.Fatal(err)
		}
		var offers []clientsuite.Offer
		err = json.NewDecoder(response.Body).Decode(&offers)
		response.Body.Close()
		for _, offer := range offers {
			if err == nil && offer.Row == row && offer.Done == done && (!next || strings.HasPrefix(offer.Waiting, "call")) {
				return &formClient{t: h.t, offer: offer}
			}
		}
	}
	h.t.Fatalf("%s is not there after %d commands, or does not wait for the next call", row, done)
	return nil
}

// end ends the run, and returns the verdicts.
func (h hostedRun) end() map[string]report.Verdict {
	h.t.Helper()
	response, err := http.Post(h.page+"/end", "", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	response.Body.Close()
	verdicts := map[string]report.Verdict{}
	for _, row := range (<-h.reported).Requirements {
		verdicts[row.ID] = row.Verdict
	}
	return verdicts
}

// TestHosted: a client that comes by itself is judged by its calls, and what did not come
// is untestable. Its calls succeed, so that it may be as slow as it likes.
func TestHosted(t *testing.T) {
	t.Parallel()
	h := host(t, time.Hour, "CLI-01", "CLI-02", "CLI-19", "CLI-40", "CLI-63")
	h.await("CLI-01", 0, true).call(true)
	h.await("CLI-02", 0, true).call(true)
	h.await("CLI-02", 1, true).call(true) // it logs in for each call
	h.await("CLI-40", 0, true).call(true)
	h.await("CLI-01", 1, false)
	h.await("CLI-02", 2, false)
	h.await("CLI-40", 1, true)
	verdicts := h.end()
	want := map[string]report.Verdict{"CLI-01": report.Pass, "CLI-02": report.Fail, "CLI-19": report.Untestable, "CLI-40": report.Untestable, "CLI-63": report.NotApplicable}
	for id, verdict := range want {
		if verdicts[id] != verdict {
			t.Errorf("%s is %s, not %s", id, verdicts[id], verdict)
		}
	}
}

// TestHostedCallThatIsRejected: it is over when nothing more comes.
func TestHostedCallThatIsRejected(t *testing.T) {
	t.Parallel()
	h := host(t, time.Millisecond, "CLI-01")
	h.await("CLI-01", 0, true).call(false)
	h.await("CLI-01", 1, false)
	if got := h.end()["CLI-01"]; got != report.Fail {
		t.Errorf("CLI-01 is %s, not %s", got, report.Fail)
	}
}
