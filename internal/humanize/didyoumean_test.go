package humanize_test

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

func ExampleDidYouMean() {
	dialects := []string{"session", "form", "rpc", "scoped"}
	fmt.Printf("no dialect \"from\"%s\n", humanize.DidYouMean("from", dialects))
	fmt.Printf("no dialect \"kerberos\"%s\n", humanize.DidYouMean("kerberos", dialects))
	// Output:
	// no dialect "from"; did you mean "form"?
	// no dialect "kerberos"
}
