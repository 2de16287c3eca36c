package scope_test

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
)

func ExampleRights_Allow() {
	reader := scope.Rights{"GET /users", "GET /objects/:id"}
	fmt.Println(reader.Allow(scope.Grammar{}, "GET", "/users"))
	fmt.Println(reader.Allow(scope.Grammar{}, "GET", "/api/v1/objects/42"))
	fmt.Println(reader.Allow(scope.Grammar{}, "DELETE", "/users"))
	fmt.Println(scope.Rights{scope.Everything}.Allow(scope.Grammar{}, "DELETE", "/users"))
	// Output:
	// true
	// true
	// false
	// true
}
