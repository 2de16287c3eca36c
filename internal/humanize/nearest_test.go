package humanize_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"session", "form", "rpc", "scoped", "add", "close", "lost_reply", "rejected", "rejection"}
	for word, want := range map[string]string{
		"sesion": "session", "FROM": "form", "scope": "scoped", "ad": "add", "grpc": "rpc", "": "", "kerberos": "",
		"lost": "lost_reply", "Ses": "session", "re": "", "rejecte": "rejected", "reject": "rejected",
	} {
		if got, found := humanize.Nearest(word, known); got != want || found != (want != "") {
			t.Errorf("nearest to %q is %q (%v), want %q", word, got, found, want)
		}
	}
}

func TestOr(t *testing.T) {
	t.Parallel()
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := humanize.Or(words); got != want {
			t.Errorf("%v is said as %q, want %q", words, got, want)
		}
	}
}
