package openapi_test

import (
	"encoding/json"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/openapi"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

func Example() {
	text, err := openapi.Document(wire.Session, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	var document struct {
		OpenAPI string `json:"openapi"`
		Info    struct {
			Title string `json:"title"`
		} `json:"info"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(document.OpenAPI, document.Info.Title)
	// Output: 3.1.0 dragoman reference server: the session dialect
}
