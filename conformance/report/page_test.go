package report_test

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/chromium"
)

func openPage(t *testing.T, r *report.Report, fragment string) *chromium.Page {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	var page bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	target := url.URL{Scheme: "file", Path: file, Fragment: fragment}
	return chromium.Open(t, target.String(), "#filters")
}

const countShown = `document.querySelectorAll(".row:not([hidden])").length`

func TestPageFilters(t *testing.T) {
	t.Parallel()
	b := openPage(t, sample(), "")
	want := func(what string, n int) {
		t.Helper()
		if got := chromium.Value[int](t, b, countShown); got != n {
			t.Errorf("%s: %d rows are shown, not %d", what, got, n)
		}
		if said := chromium.Value[string](t, b, `document.getElementById("shown").value`); !strings.HasPrefix(said, string(rune('0'+n))+" of 7") {
			t.Errorf("%s: it says %q", what, said)
		}
	}
	want("at first", 7)
	b.Click(t, `input[name=verdict][value=pass]`)
	want("without passes", 6)
	b.Click(t, `input[name=level][value=SHOULD]`)
	want("without SHOULD", 5)
	b.Click(t, `input[name=dialect][value=form]`)
	want("without form", 2)
	if chromium.Value[bool](t, b, `document.getElementById("dialect-form").checkVisibility()`) {
		t.Error("the heading of a dialect without rows is shown")
	}
	b.Click(t, `button[type=reset]`)
	b.Until(t, countShown+" === 7")
	want("after reset", 7)
	b.Click(t, `#only-broken`)
	want("broken only", 3)
	b.Click(t, `button[type=reset]`)
	b.Until(t, countShown+" === 7")
	b.Do(t, chromedp.SendKeys(chromedp.CSS(`input[name=text]`), "frm-1"))
	want("found", 2)
	b.Do(t, chromedp.SendKeys(chromedp.CSS(`input[name=text]`), "xyz"))
	want("not found", 0)
	if !chromium.Value[bool](t, b, `document.getElementById("nothing").checkVisibility()`) {
		t.Error("it does not say that nothing fits")
	}
	// By keyboard alone: a row opens.
	b.Click(t, `button[type=reset]`)
	b.Until(t, countShown+" === 7")
	b.Do(t, chromedp.Focus(chromedp.CSS(`#session-SES-01 > summary`)), chromedp.KeyEvent("\r"))
	if !chromium.Value[bool](t, b, `document.getElementById("session-SES-01").open`) {
		t.Error("the enter key does not open the row")
	}
	wantNoProblem(t, b)
}

// wantNoProblem wants no complaint, and no request beside the file itself.
func wantNoProblem(t *testing.T, b *chromium.Page) {
	t.Helper()
	requests, problems := b.Noted()
	for _, problem := range problems {
		t.Error(problem)
	}
	if len(requests) == 0 {
		t.Error("no request was seen, not even the page's own")
	}
	for _, request := range requests {
		if !strings.HasPrefix(request, "file://") && !strings.HasPrefix(request, "data:") {
			t.Errorf("the page asks for %s", request)
		}
	}
}

func TestPageLinks(t *testing.T) {
	t.Parallel()
	b := openPage(t, sample(), "form-FRM-09")
	if !chromium.Value[bool](t, b, `document.getElementById("form-FRM-09").open`) {
		t.Error("a link to a requirement does not open it")
	}
	if chromium.Value[bool](t, b, `document.getElementById("session-SES-01").open`) {
		t.Error("it opens others")
	}
	// A link opens also what a filter hides.
	b.Click(t, `#only-broken`)
	chromium.Value[string](t, b, `location.hash = "session-SES-01"`)
	b.Until(t, `document.getElementById("session-SES-01").open && document.getElementById("session-SES-01").checkVisibility()`)
	if broken := chromium.Value[[]string](t, b, `[...document.querySelectorAll("a[href^='#']")].map(a => a.getAttribute("href").slice(1)).filter(id => !document.getElementById(id))`); len(broken) > 0 {
		t.Errorf("links lead nowhere: %v", broken)
	}
	ids := chromium.Value[[]string](t, b, `[...document.querySelectorAll("[id]")].map(e => e.id)`)
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			t.Errorf("two elements have the id %s", id)
		}
		seen[id] = true
	}
	wantNoProblem(t, b)
}

func TestPagePrintsAll(t *testing.T) {
	t.Parallel()
	b := openPage(t, sample(), "")
	b.Click(t, `#only-broken`)
	pdf, err := chromedp.Run(b.Context(), chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 10_000 {
		t.Errorf("the print has %d bytes", len(pdf))
	}
	if _, err := chromedp.Call(b.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	text := chromium.Value[string](t, b, `document.body.innerText`)
	for _, want := range []string{"SES-01", "FRM-09", "The right password", "Content-Type: application/json", "curl "} {
		if !strings.Contains(text, want) {
			t.Errorf("the print lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "only what is broken") {
		t.Error("the filters are printed")
	}
	wantNoProblem(t, b)
}

// TestPageShowsFindings wants them above the summary, each with cause and fix.
func TestPageShowsFindings(t *testing.T) {
	t.Parallel()
	b := openPage(t, sample(), "")
	if said := chromium.Value[[]string](t, b, `[...document.querySelectorAll("section[aria-labelledby=findings] .finding")].map(e => e.innerText.replace(/\s+/g, " "))`); len(said) != 3 ||
		!strings.Contains(said[0], "warning dialects.form.accounts.full Cause the login is refused: 401 Unauthorized") || !strings.HasSuffix(said[0], "Fix correct its name and password") ||
		said[1] != "note clock skew Cause the subject's Date is 2 hours ahead Fix set a clock right" || !strings.HasPrefix(said[2], "fatal clock ") {
		t.Errorf("the findings are %q", said)
	}
	if !chromium.Value[bool](t, b, `!!(document.getElementById("findings").compareDocumentPosition(document.getElementById("summary")) & Node.DOCUMENT_POSITION_FOLLOWING)`) {
		t.Error("they are below the summary")
	}
	wantNoProblem(t, b)
	without := sample()
	without.Findings = nil
	b = openPage(t, without, "")
	if chromium.Value[bool](t, b, `!!document.getElementById("findings")`) {
		t.Error("a report without findings has a place for them")
	}
}

// TestPageEscapes puts markup in every text that a server or a manifest
// controls.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	const hostile = `</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>"'`
	r := sample()
	r.Subject.Name, r.Subject.Runs, r.Subject.HTTP, r.Subject.Log = hostile, hostile, "javascript:alert(1)", hostile
	row := &r.Requirements[1]
	row.Statement, row.Source, row.Reason = hostile, hostile, hostile
	s := &row.Scenarios[1]
	s.Name, s.Error, s.FailedStep, s.Reproduce = hostile, hostile, hostile, hostile
	e := &s.Exchanges[0]
	e.URL, e.Status, e.ResponseBody, e.RequestBody = hostile, hostile, hostile, hostile
	e.ResponseHeader = map[string][]string{hostile: {hostile}}
	r.Errors[0].Text = hostile
	r.Findings[0].Where, r.Findings[0].Cause, r.Findings[0].Fix, r.Findings[0].Severity = hostile, hostile, hostile, hostile
	b := openPage(t, r, "")
	if n := chromium.Value[int](t, b, `document.querySelectorAll("script").length`); n != 1 {
		t.Errorf("the page has %d scripts", n)
	}
	if n := chromium.Value[int](t, b, `document.querySelectorAll("img, iframe, object, link[rel=stylesheet]").length`); n != 0 {
		t.Errorf("the page has %d foreign elements", n)
	}
	if said := chromium.Value[string](t, b, `document.querySelector("h1").textContent`); said != hostile {
		t.Errorf("the name is %q", said)
	}
	wantNoProblem(t, b)
}

// TestPageFollowsDarkMode wants another background, and readable text.
func TestPageFollowsDarkMode(t *testing.T) {
	t.Parallel()
	b := openPage(t, sample(), "")
	background := `getComputedStyle(document.body).backgroundColor`
	light := chromium.Value[string](t, b, background)
	if _, err := chromedp.Call(b.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	}); err != nil {
		t.Fatal(err)
	}
	if dark := chromium.Value[string](t, b, background); dark == light {
		t.Errorf("in dark mode the background is still %s", dark)
	}
	wantNoProblem(t, b)
}
