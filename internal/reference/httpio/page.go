package httpio

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// maxPage bounds the entries of a list in one answer.
const maxPage = 1000

// identifier is what ids of entries are: a UUID, or digits in hex.
var identifier = regexp.MustCompile(`^[0-9a-f-]{1,36}$`)

// Page returns the page of a list that the query of a request asks for: at most limit
// entries (1 to 1000, 1000 by default) whose ids are above next. It reads them by the
// function, which says whether more follow. If so, the header Link names the next page
// (RFC 8288). A query that cannot be read is a [*BadRequestError].
func Page[T any](w http.ResponseWriter, r *http.Request, id func(T) string,
	read func(after string, limit int) (page []T, more bool, err error),
) ([]T, error) {
	limit, after, err := asked(r)
	if err != nil {
		return nil, err
	}
	page, more, err := read(after, limit)
	if err != nil {
		return nil, err
	}
	if more {
		w.Header().Set("Link", fmt.Sprintf(`<?limit=%d&next=%s>; rel="next"`, limit, id(page[len(page)-1])))
	}
	return page, nil
}

// asked reads limit and next from a query.
func asked(r *http.Request) (limit int, after string, err error) {
	if r.URL.RawQuery == "" {
		return maxPage, "", nil
	}
	limit = maxPage
	query := r.URL.Query() // what it cannot read is not there
	if text, given := query["limit"]; given {
		limit, err = strconv.Atoi(text[0])
		if err != nil || limit < 1 || limit > maxPage || strings.HasPrefix(text[0], "+") {
			return 0, "", BadRequest("limit is a number from 1 to 1000")
		}
	}
	if text, given := query["next"]; given {
		if after = text[0]; !identifier.MatchString(after) {
			return 0, "", BadRequest("next must be the id in the header Link of the page before")
		}
	}
	return limit, after, nil
}
