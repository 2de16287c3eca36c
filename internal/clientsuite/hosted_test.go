package clientsuite_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
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

// TestHosted: a client that comes by itself is judged by its calls, and what did not come
// is untestable.
func TestHosted(t *testing.T) {
	t.Parallel()
	host := clientsuite.NewHost()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served, reported := make(chan error, 1), make(chan *report.Report, 1)
	go func() { served <- host.Serve(t.Context(), listener) }()
	go func() {
		r, err := clientsuite.Run(t.Context(), nil, clientsuite.Options{Dialects: []string{"form"}, Only: []string{"CLI-01", "CLI-02", "CLI-19", "CLI-40", "CLI-63"}, Host: host})
		if err != nil {
			t.Error(err)
		}
		reported <- r
	}()
	page := "http://" + listener.Addr().String()
	// await waits until so many commands of a scenario are over, and, where it is to go
	// on, until it waits for the next call.
	await := func(row string, done int, next bool) *formClient {
		t.Helper()
		for {
			response, err := http.Get(page)
			if err != nil {
				t.Fatal(err)
			}
			var offers []clientsuite.Offer
			err = json.NewDecoder(response.Body).Decode(&offers)
			response.Body.Close()
			for _, offer := range offers {
				if err == nil && offer.Row == row && offer.Done == done && (!next || strings.HasPrefix(offer.Waiting, "call")) {
					return &formClient{t: t, offer: offer}
				}
			}
			<-time.After(5 * time.Millisecond)
		}
	}
	await("CLI-01", 0, true).call(true)
	await("CLI-02", 0, true).call(true)
	await("CLI-02", 1, true).call(true) // it logs in for each call
	await("CLI-40", 0, true).call(true)
	await("CLI-01", 1, false)
	await("CLI-02", 2, false)
	await("CLI-40", 1, true)
	response, err := http.Post(page+"/end", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	verdicts := map[string]report.Verdict{}
	for _, row := range (<-reported).Requirements {
		verdicts[row.ID] = row.Verdict
	}
	want := map[string]report.Verdict{"CLI-01": report.Pass, "CLI-02": report.Fail, "CLI-19": report.Untestable, "CLI-40": report.Untestable, "CLI-63": report.NotApplicable}
	for id, verdict := range want {
		if verdicts[id] != verdict {
			t.Errorf("%s is %s, not %s", id, verdicts[id], verdict)
		}
	}
}
