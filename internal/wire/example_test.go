package wire_test

import (
	"encoding/json"
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

func ExampleParseCompactTime() {
	end, err := wire.ParseCompactTime("20201112T144147")
	fmt.Println(end, err)
	// Output: 2020-11-12 14:41:47 +0000 UTC <nil>
}

func ExampleParseValidTo() {
	end, err := wire.ParseValidTo(json.RawMessage(`"2020-11-12 14:41:47"`), nil)
	fmt.Println(end, err)
	// Output: 2020-11-12 14:41:47 +0000 UTC <nil>
}

func ExampleParseLifetime() {
	life, err := wire.ParseLifetime("90 days")
	fmt.Println(life, err)
	_, err = wire.ParseLifetime("soon")
	fmt.Println(err)
	// Output:
	// 2160h0m0s <nil>
	// parse lifetime "soon": not a life like "30 minutes", "12 hours", "8 days" or "5 years"
}

func ExampleScope_Allows() {
	scope, _ := wire.ParseScope("GET /objects/:id")
	fmt.Println(scope.Allows("GET", "/api/v1/objects/42"), scope.Allows("GET", "/objects/42/packets"), scope.Allows("POST", "/objects/42"))
	// Output: true false false
}

func ExampleFormUserName() {
	fmt.Println(wire.FormUserName(json.RawMessage(`{"id":7,"login":"me"}`)))
	// Output: me
}
