package exchange

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// JSONText is a text as it stands between the quotation marks of JSON.
func JSONText(text string) string {
	quoted, _ := json.Marshal(text) // a string always has a JSON form
	return string(quoted[1 : len(quoted)-1])
}

// Canonical writes a JSON value so that equal ones are equal texts. The order
// of a list of strings does not count.
func Canonical(value any) string {
	if texts, ok := TextsIn(value); ok {
		slices.Sort(texts)
		value = texts
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// Shown shows a part of an answer in an error, as evidence.Quote marks it.
func Shown(value any) string {
	if text, is := value.(string); is {
		return evidence.Quote(text)
	}
	return evidence.Quote(Canonical(value))
}

// TextsIn reads a JSON value as a list of strings; false says that it is none.
func TextsIn(value any) ([]string, bool) {
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	texts := make([]string, len(list))
	for i, element := range list {
		if texts[i], ok = element.(string); !ok {
			return nil, false
		}
	}
	return texts, true
}

// ByName yields the members of an object, or the fields of a header, in the order of
// their names, so that one answer gives one report.
func ByName[M ~map[string]V, V any](members M) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !yield(name, members[name]) {
				return
			}
		}
	}
}

// Scalars are all texts and numbers in a JSON value, empty texts left out.
func Scalars(value any) []string {
	switch value := value.(type) {
	case string:
		if value != "" {
			return []string{value}
		}
	case json.Number:
		return []string{value.String()}
	case []any:
		var texts []string
		for _, element := range value {
			texts = append(texts, Scalars(element)...)
		}
		return texts
	case map[string]any:
		var texts []string
		for _, member := range ByName(value) {
			texts = append(texts, Scalars(member)...)
		}
		return texts
	}
	return nil
}
