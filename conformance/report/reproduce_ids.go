package report

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/evidence"
)

// nameIDs gives names to the ids that requests take from earlier answers: what
// is repeated has other ids. They are no secrets, but they are variables.
func (s *script) nameIDs() {
	count := 0
	for i := 1; i < len(s.exchanges); i++ {
		target, err := url.Parse(s.exchanges[i].URL)
		if err != nil || s.exchanges[i].Transport != "http" {
			continue
		}
		for segment := range strings.SplitSeq(strings.Trim(target.EscapedPath(), "/"), "/") {
			if segment == "" || pseudonym.MatchString(segment) {
				continue
			}
			found, ok := s.findID(segment, i)
			if !ok {
				continue
			}
			count++
			name := fmt.Sprintf("id-%d", count)
			s.values[name] = found
			for j := i; j < len(s.exchanges); j++ {
				s.exchanges[j].URL = replaceSegment(s.exchanges[j].URL, segment, "["+name+"]")
			}
		}
	}
}

// findID looks for the first answer before exchange i that has an id.
func (s *script) findID(id string, i int) (extract, bool) {
	for from := range i {
		e := s.exchanges[from]
		if !json.Valid([]byte(e.ResponseBody)) || e.Transport != "http" {
			continue
		}
		found, ok := findMember(e.ResponseBody, id)
		if ok && strings.HasSuffix(strings.ToLower(found.member), "id") {
			found.from, found.mark = from, s.mark(e.ResponseBody, id, i)
			return found, true
		}
	}
	return extract{}, false
}

// mark finds what a request before exchange i sent and a list shows in the
// object with an id, and in no other: by that the object can be told again. It
// gives it a name, for each run of the script is to send another.
func (s *script) mark(body, id string, i int) string {
	text := besides(body, id, func(text string) bool {
		return slices.ContainsFunc(s.exchanges[:i], func(e evidence.Exchange) bool { return strings.Contains(requestText(e), text) })
	})
	if text == "" {
		return ""
	}
	name := fmt.Sprintf("mark-%d", len(s.marks)+1)
	s.marks[name] = text
	for j := range s.exchanges {
		e := &s.exchanges[j]
		e.RequestBody = strings.ReplaceAll(e.RequestBody, text, "["+name+"]")
		header := make(http.Header, len(e.RequestHeader))
		for field, values := range e.RequestHeader {
			for _, value := range values {
				header[field] = append(header[field], strings.ReplaceAll(value, text, "["+name+"]"))
			}
		}
		e.RequestHeader = header
	}
	return name
}

// markable is what can be looked for by grep, however JSON may be written.
var markable = regexp.MustCompile(`^[A-Za-z0-9 ()/._-]{8,}$`)

// besides finds a text in the object of a list that has an id.
func besides(body, id string, sent func(string) bool) string {
	var list []map[string]any
	if json.Unmarshal([]byte(body), &list) != nil {
		return ""
	}
	with := func(value string) int { // how many objects
		count := 0
		for _, object := range list {
			for _, member := range object {
				if fmt.Sprint(member) == value {
					count++
					break
				}
			}
		}
		return count
	}
	for _, object := range list {
		mine := ""
		has := false
		for _, member := range object {
			text, is := member.(string)
			has = has || fmt.Sprint(member) == id
			if is && text != id && markable.MatchString(text) && with(text) == 1 && sent(text) {
				mine = text
			}
		}
		if has {
			return mine
		}
	}
	return ""
}

// replaceSegment puts a text in place of a path's segment.
func replaceSegment(target, segment, text string) string {
	path, query, found := strings.Cut(target, "?")
	segments := strings.Split(path, "/")
	for i := 3; i < len(segments); i++ { // after scheme and host
		if segments[i] == segment {
			segments[i] = text
		}
	}
	path = strings.Join(segments, "/")
	if found {
		return path + "?" + query
	}
	return path
}
