package page

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

//go:embed html
var files embed.FS

// view is what all pages have in common, and in Content what only one has.
type view struct {
	Title string
	// Here is the file of the page, which the navigation marks.
	Here string
	Now  time.Time
	// Done says what a form has done; empty where none was sent.
	Done    string
	Content any
}

// parse reads the pages, each with the layout around it.
func parse() (map[string]*template.Template, error) {
	layout, err := template.New("layout.html").Funcs(template.FuncMap{"shown": shown, "time": moment}).ParseFS(files, "html/layout.html", "html/lines.html")
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"overview", "accounts", "account", "audit", "problem"} {
		page, err := layout.Clone()
		if err == nil {
			page, err = page.ParseFS(files, "html/"+name+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("read the page %s: %w", name, err)
		}
		pages[name] = page
	}
	return pages, nil
}

// maxShown bounds a text of a client on the page, in bytes.
const maxShown = 256

// shown is a text that a client may have chosen, as it can be read: cut off, and without
// characters that nobody sees or that turn the direction of others. The templates
// escape it.
func shown(text string) string {
	if len(text) > maxShown {
		text = text[:maxShown] + "..."
	}
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "\\u%04x", r)
		}
	}
	return out.String()
}

// searched is what a search looks for, without characters that nobody sees: no name has
// them, and the page repeats it.
func searched(r *http.Request) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(r.FormValue("q"), "")))
}

// moment is a time for people.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// show writes a page.
func (p *page) show(w http.ResponseWriter, status int, v view) error {
	v.Now = p.clock.Now()
	var text bytes.Buffer
	if err := p.templates[v.Here].Execute(&text, v); err != nil {
		return fmt.Errorf("write the page %s: %w", v.Here, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // who has gone needs no page
	return nil
}

// badFormError says what a form lacks.
type badFormError struct{ reason string }

func (e *badFormError) Error() string { return e.reason }

// problem writes a page that says what went wrong. What only the log should say, only
// the log says.
func (p *page) problem(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusInternalServerError, "Something went wrong; the log of the server says what."
	var form *badFormError
	switch {
	case errors.As(err, &form):
		status, text = http.StatusBadRequest, form.reason
	case errors.Is(err, account.ErrNoAccount):
		status, text = http.StatusNotFound, "There is no such account."
	case errors.Is(err, store.ErrUnavailable), r.Context().Err() != nil:
		status, text = http.StatusServiceUnavailable, "The store does not answer, or not in time. Try again; what was asked for may be done in part."
	}
	if status >= http.StatusInternalServerError {
		p.log.ErrorContext(r.Context(), "admin page", "path", r.URL.Path, "error", err)
	}
	if err := p.show(w, status, view{Title: http.StatusText(status), Here: "problem", Content: text}); err != nil {
		p.log.ErrorContext(r.Context(), "admin page", "error", err)
	}
}

func style(w http.ResponseWriter, _ *http.Request) {
	text, err := files.ReadFile("html/page.css")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(text)
}
