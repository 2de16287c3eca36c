package httpio_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// entries are those of a list.
func entries(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%04d-ab", i)
	}
	return list
}

func itself(id string) string { return id }

// reading returns a function that reads pages of a sorted list.
func reading(all []string) func(after string, limit int) ([]string, bool, error) {
	return func(after string, limit int) ([]string, bool, error) {
		rest := all[len(all)-len(slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id <= after })):]
		return rest[:min(limit, len(rest))], len(rest) > limit, nil
	}
}

var link = regexp.MustCompile(`^<(\?[^>]+)>; rel="next"$`)

// TestPages follows the links of lists to their end, and takes away what it has seen, as
// a client that ends sessions does.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ entries, limit, pages int }{
		{0, 10, 1}, {1, 10, 1}, {10, 10, 1}, {11, 10, 2}, {25, 7, 4}, {5, 1, 5}, {1000, 0, 1}, {2500, 0, 3},
	} {
		for _, takeAway := range []bool{false, true} {
			all, target := entries(c.entries), "/list"
			if c.limit > 0 {
				target += fmt.Sprintf("?limit=%d", c.limit)
			}
			want, pages := slices.Clone(all), 0
			var seen []string
			for target != "" {
				w := httptest.NewRecorder()
				page, err := httpio.Page(w, httptest.NewRequest(http.MethodGet, target, nil), itself, reading(all))
				if err != nil {
					t.Fatal(err)
				}
				seen, pages, target = append(seen, page...), pages+1, ""
				if takeAway {
					all = all[len(page):]
				}
				if next := link.FindStringSubmatch(w.Header().Get("Link")); next != nil {
					target = "/list" + next[1]
				}
			}
			if !slices.Equal(seen, want) || pages != c.pages {
				t.Errorf("%+v: %d entries on %d pages", c, len(seen), pages)
			}
		}
	}
}

func TestPagesThatAreNone(t *testing.T) {
	t.Parallel()
	broken, w := errors.New("no store"), httptest.NewRecorder()
	read := func(string, int) ([]string, bool, error) { return entries(1), true, broken }
	if page, err := httpio.Page(w, httptest.NewRequest(http.MethodGet, "/list", nil), itself, read); !errors.Is(err, broken) || page != nil || w.Header().Get("Link") != "" {
		t.Errorf("a list that cannot be read: %v, %v, %v", page, w.Header(), err)
	}
	for _, query := range []string{"limit=0", "limit=1001", "limit=", "limit=x", "limit=-1", "limit=%2B5", "next=", "next=x", "next=5.", "next=A", "next=" + strings.Repeat("0", 37), "next=0%00"} {
		_, err := httpio.Page(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/list?"+query, nil), itself, reading(entries(3)))
		var bad *httpio.BadRequestError
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Reason, query[:4]) {
			t.Errorf("%s: the error is %v", query, err)
		}
	}
}
