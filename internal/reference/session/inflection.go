package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// inflections are the values of x-api-inflection (SES-23) and what each does
// to a key in snake case. Any other value leaves the keys as they are.
var inflections = map[string]func(words []string) string{
	"snake":  func(words []string) string { return strings.Join(words, "_") },
	"dash":   func(words []string) string { return strings.Join(words, "-") },
	"pascal": capitalised,
	"camel":  func(words []string) string { return words[0] + capitalised(words[1:]) },
}

func capitalised(words []string) string {
	var b strings.Builder
	for _, word := range words {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// inflected returns the JSON of value as maps and slices, with every key in the
// other case.
func inflected(value any, recase func([]string) string) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("inflect an answer: %v", err)) // our own types always marshal
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		panic(fmt.Sprintf("inflect an answer: %v", err))
	}
	return rekeyed(tree, recase)
}

func rekeyed(tree any, recase func([]string) string) any {
	switch node := tree.(type) {
	case map[string]any:
		renamed := make(map[string]any, len(node))
		for key, value := range node {
			renamed[recase(strings.Split(key, "_"))] = rekeyed(value, recase)
		}
		return renamed
	case []any:
		for i := range node {
			node[i] = rekeyed(node[i], recase)
		}
		return node
	default:
		return tree
	}
}
