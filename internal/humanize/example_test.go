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

func ExampleCount() {
	fmt.Println(humanize.Count(0, "requirement"), "·", humanize.Count(1, "requirement"), "·", humanize.Count(136, "requirement"))
	// Output: 0 requirements · 1 requirement · 136 requirements
}
