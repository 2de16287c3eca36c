package management_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/dragoman-auth/dragoman/internal/chromium"
	"github.com/dragoman-auth/dragoman/internal/management"
	"github.com/dragoman-auth/dragoman/mockserver"
)

// TestPage: somebody who looks at the page sees what clients do as they do it, moves
// the clock, and lets the mock make mistakes.
func TestPage(t *testing.T) {
	t.Parallel()
	mock := mockserver.New(t, mockserver.WithMisuse(mockserver.MisuseWarn), mockserver.WithStart(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)))
	mock.Clock().Stop()
	server := httptest.NewServer(management.Handler(mock))
	t.Cleanup(server.Close)
	p := chromium.Open(t, server.URL+"/", "#clock")
	p.Until(t, `document.getElementById("addresses").textContent.includes("`+mock.URL+`")`)
	p.Until(t, `document.getElementById("now").dateTime.startsWith("2030-01-02T03:04:05")`)

	ask := func(path string) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, mock.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := mock.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	ask("/items?token=secret-1234567890&name=%3Cscript%3Ealert(1)%3C/script%3E")
	p.Until(t, `document.querySelectorAll("#journal tr").length === 1 && document.querySelector("#journal tr").textContent.includes("GET /items")`)
	ask("/users")
	p.Until(t, `document.querySelectorAll("#journal tr").length === 2 && document.querySelector("#journal tr").textContent.includes("GET /users")`)

	p.Click(t, `button[data-clock*='"10m"']`)
	p.Until(t, `document.getElementById("now").dateTime.startsWith("2030-01-02T03:14:05")`)
	if now := mock.Now(); now.Sub(time.Date(2030, 1, 2, 3, 14, 5, 0, time.UTC)).Abs() > time.Second {
		t.Errorf("the mock's time is %s", now)
	}

	p.Do(t, chromedp.SetValue(chromedp.CSS(`select[name=effect]`), "status"), chromedp.SetValue(chromedp.CSS(`select[name=operation]`), "resource"),
		chromedp.SendKeys(chromedp.CSS(`input[name=times]`), "1"), chromedp.SendKeys(chromedp.CSS(`input[name=status]`), "418"))
	p.Click(t, `#fault button`)
	p.Until(t, `document.querySelectorAll("#faults tr").length === 1`)
	if got := ask("/items"); got != http.StatusTeapot {
		t.Errorf("the fault makes %d", got)
	}
	p.Until(t, `document.querySelector("#faults tr").cells[1].textContent === "1" && document.querySelector("#journal tr.affected") !== null`)
	p.Click(t, `#faults button`)
	p.Until(t, `document.querySelectorAll("#faults tr").length === 0`)

	p.Do(t, chromedp.SetValue(chromedp.CSS(`select[name=effect]`), "delay"))
	p.Click(t, `#fault button`)
	p.Until(t, `!document.getElementById("problem").hidden && document.getElementById("problem").textContent !== ""`)

	p.Click(t, `#reset`)
	p.Until(t, `document.querySelectorAll("#journal tr").length === 0`)
	requests, problems := p.Noted()
	for _, request := range requests {
		if !strings.HasPrefix(request, server.URL+"/") {
			t.Errorf("the page asks for %s", request)
		}
	}
	for _, problem := range problems {
		if !strings.Contains(problem, "400 (Bad Request)") { // the mistake above
			t.Error(problem)
		}
	}
}
