package manifest_test

import (
	"fmt"
	"os"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

func ExampleParse() {
	text := `subject: {url: "http://127.0.0.1:8080"}
dialects:
  session:
    accounts:
      full: {email: me@example.com, pasword: secret}
`
	_, err := manifest.Parse("dragoman.yaml", []byte(text), os.LookupEnv)
	fmt.Println(err)
	// Output:
	// dragoman.yaml:5: unknown key "pasword" in dialects.session.accounts.full; did you mean "password"?
}
