package reference

import (
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// clockControl serves the clock. GET answers {"now": RFC 3339}. POST with
// {"advance": "10m"} (a Go duration) or {"advance_seconds": 600} moves the clock
// forward and answers the same. It is only reachable with Config.ClockControl.
func clockControl(c clock.Movable) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
		case http.MethodPost:
			d, err := readAdvance(r)
			if err != nil {
				problem := httpio.Classify(err)
				httpio.WriteJSON(w, problem.Status, map[string]string{"error": problem.Reason})
				return
			}
			c.Advance(d)
		default:
			w.Header().Set("Allow", "GET, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		httpio.WriteJSON(w, http.StatusOK, map[string]string{"now": c.Now().UTC().Format(time.RFC3339Nano)})
	})
}

func readAdvance(r *http.Request) (time.Duration, error) {
	var body struct {
		Advance string   `json:"advance"`
		Seconds *float64 `json:"advance_seconds"`
	}
	if err := httpio.JSON(r, &body); err != nil {
		return 0, err
	}
	const wanted = `the body is {"advance":"10m"} or {"advance_seconds":600}, forward and at most 100 years`
	var d time.Duration
	switch {
	case body.Advance != "" && body.Seconds == nil:
		parsed, err := time.ParseDuration(body.Advance)
		if err != nil {
			return 0, httpio.BadRequest(wanted)
		}
		d = parsed
	case body.Advance == "" && body.Seconds != nil && *body.Seconds <= wire.MaxLifetime.Seconds():
		d = time.Duration(*body.Seconds * float64(time.Second))
	}
	if d <= 0 || d > wire.MaxLifetime {
		return 0, httpio.BadRequest(wanted)
	}
	return d, nil
}
