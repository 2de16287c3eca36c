package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// TestRedirects: a subject that is elsewhere is one finding, which names where,
// and a login that leads to another page is none.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		location func(r *http.Request) string
		want     string // the end of where it leads; "" is no such finding
	}{
		"https":         {func(r *http.Request) string { return "https://office.example" + r.URL.Path }, " is redirected to https://office.example/"},
		"another host":  {func(r *http.Request) string { return "http://www.office.example" + r.URL.Path }, " is redirected to http://www.office.example/"},
		"a slash":       {func(r *http.Request) string { return r.URL.Path + "/" }, "/, and the judge follows no redirects"},
		"another page":  {func(*http.Request) string { return "/welcome" }, ""},
		"the same page": {func(r *http.Request) string { return r.URL.Path }, ""},
		"nowhere":       {func(*http.Request) string { return "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/_dragoman/") {
					return
				}
				if to := tt.location(r); to != "" {
					w.Header().Set("Location", to)
				}
				w.WriteHeader(http.StatusMovedPermanently)
			}))
			t.Cleanup(front.Close)
			found := examine(t, func(m *manifest.Manifest, r *subject.Running) { r.HTTP, m.Dialects.RPC = front.URL, nil })
			var elsewhere []report.Finding
			for _, f := range found {
				if f.Where == "subject" {
					elsewhere = append(elsewhere, f)
				}
			}
			switch {
			case tt.want == "" && len(elsewhere) != 0:
				t.Errorf("found %v", elsewhere)
			case tt.want != "" && (len(elsewhere) != 1 || elsewhere[0].Severity != report.Fatal || !strings.Contains(elsewhere[0].String(), tt.want)):
				t.Errorf("found %v", elsewhere)
			}
		})
	}
}
