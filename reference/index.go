package reference

import (
	"encoding/json"
	"fmt"
)

// index is the body of GET /: which dialects are served, and where.
func index(dialects []string) []byte {
	type entry struct {
		Dialect string   `json:"dialect"`
		Paths   []string `json:"paths"`
	}
	var page struct {
		Name     string  `json:"name"`
		Dialects []entry `json:"dialects"`
	}
	page.Name = "dragoman reference server"
	for _, dialect := range dialects {
		page.Dialects = append(page.Dialects, entry{dialect, collections[dialect]})
	}
	body, err := json.MarshalIndent(page, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("write the index: %v", err)) // strings always marshal
	}
	return append(body, '\n')
}
