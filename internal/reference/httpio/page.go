package httpio

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPage bounds the entries of a list in one answer.
const maxPage = 1000

// Position is where an entry stands in a list: by its time in milliseconds, then by
// its id.
type Position struct {
	At time.Time
	ID string
}

func (p Position) compare(other Position) int {
	return cmp.Or(cmp.Compare(p.At.UnixMilli(), other.At.UnixMilli()), cmp.Compare(p.ID, other.ID))
}

// Page returns the part of a sorted list that the query of a request asks for: limit
// entries, from 1 to 1000, which is the default, behind the place that next names.
// Where more follow, the header Link names their page (RFC 8288). A query that cannot
// be read is a [*BadRequestError].
func Page[T any](w http.ResponseWriter, r *http.Request, all []T, position func(T) Position) ([]T, error) {
	limit, after, err := asked(r)
	if err != nil {
		return nil, err
	}
	first, _ := slices.BinarySearchFunc(all, after, func(one T, after Position) int {
		if position(one).compare(after) <= 0 {
			return -1
		}
		return 1
	})
	page := all[first:]
	if len(page) > limit {
		page = page[:limit]
		last := position(page[limit-1])
		next := url.QueryEscape(fmt.Sprintf("%d.%s", last.At.UnixMilli(), last.ID))
		w.Header().Set("Link", fmt.Sprintf(`<?limit=%d&next=%s>; rel="next"`, limit, next))
	}
	return page, nil
}

// asked reads limit and next from a query.
func asked(r *http.Request) (limit int, after Position, err error) {
	limit, after = maxPage, Position{At: time.UnixMilli(-1 << 62)}
	if r.URL.RawQuery == "" {
		return limit, after, nil
	}
	query := r.URL.Query() // what it cannot read is not there
	if text, given := query["limit"]; given {
		limit, err = strconv.Atoi(text[0])
		if err != nil || limit < 1 || limit > maxPage || strings.HasPrefix(text[0], "+") {
			return 0, after, BadRequest("limit is a number from 1 to 1000")
		}
	}
	if text, given := query["next"]; given {
		millis, id, _ := strings.Cut(text[0], ".")
		at, err := strconv.ParseInt(millis, 10, 64)
		if err != nil || id == "" {
			return 0, after, BadRequest("next is what the header Link of the page before says")
		}
		after = Position{time.UnixMilli(at), id}
	}
	return limit, after, nil
}
