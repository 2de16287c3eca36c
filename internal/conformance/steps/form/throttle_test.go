package form_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

// TestThrottleIsWaitedForOnce: a server that locks everybody out permanently is waited for
// once, not in every scenario.
func TestThrottleIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	var logins atomic.Int64
	locked := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		logins.Add(1)
		w.WriteHeader(http.StatusTooManyRequests)
	})
	j := stepstest.Judge(t, "form", stepstest.Only("FRM-01 FRM-05 FRM-08"), locked, clock, formManifest())
	if rows := strings.Join(j.Rows(), " "); rows != "FRM-01 FRM-05 FRM-08" {
		t.Errorf("red are %s", rows)
	}
	if scenarios, n := int64(j.Ran["FRM-01"]+j.Ran["FRM-05"]+j.Ran["FRM-08"]), logins.Load(); scenarios < 4 || n != scenarios+2 {
		t.Errorf("%d scenarios sent %d logins, and only the first is to send three", scenarios, n)
	}
}
