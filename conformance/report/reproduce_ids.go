package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// nameIDs gives names to the ids that requests take from earlier answers: what
// is repeated has other ids. They are no secrets, but they are variables.
func (s *script) nameIDs() {
	count := 0
	for i := 1; i < len(s.exchanges); i++ {
		for _, id := range idsOf(s.exchanges[i]) {
			found, ok := s.findID(id, i)
			if !ok {
				continue
			}
			count++
			name := fmt.Sprintf("id-%d", count)
			s.values[name] = found
			for j := i; j < len(s.exchanges); j++ {
				e := &s.exchanges[j]
				if e.Transport == "http" {
					e.URL = replaceSegment(e.URL, id, "["+name+"]")
				}
				e.RequestBody = strings.ReplaceAll(e.RequestBody, `"`+id+`"`, `"[`+name+`]"`)
			}
		}
	}
}

// idMember is a member of JSON that is called an id, or something's.
var idMember = regexp.MustCompile(`"(?:(?:\w+_)?[iI][dD]|\w+I[dD])"\s*:\s*"([^"\\]+)"`)

// idsOf are what may be ids in a request: the segments of its path, and members of its
// body.
func idsOf(e evidence.Exchange) []string {
	var ids []string
	if target, err := url.Parse(e.URL); err == nil && e.Transport == "http" {
		ids = strings.Split(strings.Trim(target.EscapedPath(), "/"), "/")
	}
	for _, member := range idMember.FindAllStringSubmatch(e.RequestBody, -1) {
		ids = append(ids, member[1])
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" || pseudonym.MatchString(id) })
}

// findID looks for the first answer before exchange i that has an id.
func (s *script) findID(id string, i int) (extract, bool) {
	for from := range i {
		e := s.exchanges[from]
		if !strings.Contains(e.ResponseBody, id) || !json.Valid([]byte(e.ResponseBody)) {
			continue
		}
		found, ok := findMember(e.ResponseBody, id)
		if ok && strings.HasSuffix(strings.ToLower(found.member), "id") {
			found.from, found.mark = from, s.mark(e.ResponseBody, id, i)
			if e.Transport == "grpc" {
				found.member = camel(found.member) // as grpcurl prints it
			}
			return found, true
		}
	}
	return extract{}, false
}

// mark finds a header that a request before exchange i sent and that a list
// shows in the object with an id, and in no other: by that the object can be
// told again. It gives it a name, for each run of the script is to send another.
func (s *script) mark(body, id string, i int) string {
	text := besides(body, id, func(text string) bool {
		return slices.ContainsFunc(s.exchanges[:i], func(e evidence.Exchange) bool { return sends(e.RequestHeader, text) })
	})
	if text == "" {
		return ""
	}
	name := fmt.Sprintf("mark-%d", len(s.marks)+1)
	s.marks[name] = text
	for j := range s.exchanges {
		e := &s.exchanges[j]
		header := make(http.Header, len(e.RequestHeader))
		for field, values := range e.RequestHeader {
			for _, value := range values {
				if value == text {
					value = "[" + name + "]"
				}
				header[field] = append(header[field], value)
			}
		}
		e.RequestHeader = header
	}
	return name
}

// sends says whether a header of any name has a value.
func sends(header http.Header, value string) bool {
	for _, values := range header {
		if slices.Contains(values, value) {
			return true
		}
	}
	return false
}

// markable is what can be looked for by grep, however JSON may be written.
var markable = regexp.MustCompile(`^[A-Za-z0-9 ()/._-]{8,}$`)

// besides finds a text in the object of a list that has an id.
func besides(body, id string, sent func(string) bool) string {
	var list []map[string]any
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber() // an id is as it is written
	if decoder.Decode(&list) != nil {
		return ""
	}
	has := func(object map[string]any, value string) bool {
		for _, member := range object {
			if fmt.Sprint(member) == value {
				return true
			}
		}
		return false
	}
	for i, object := range list {
		if !has(object, id) {
			continue
		}
		others := slices.Concat(list[:i], list[i+1:])
		for _, name := range slices.Sorted(maps.Keys(object)) {
			text, is := object[name].(string)
			shared := slices.ContainsFunc(others, func(other map[string]any) bool { return has(other, text) })
			if is && text != id && markable.MatchString(text) && !shared && sent(text) {
				return text
			}
		}
		return ""
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
