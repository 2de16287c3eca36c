package shared

import (
	"strings"
	"testing"
)

func TestUnknownLike(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"root", "r", "anna.lee7@example.com", "+48 123-456", "żółw", "---", "a@b@c"} {
		made := UnknownLike(login)
		if made == login {
			t.Errorf("%q: expected another login, got the same", login)
		}
		_, domain, _ := strings.Cut(login, "@")
		if !strings.HasSuffix(made, domain) {
			t.Errorf("%q: expected the domain to stay, got %q", login, made)
		}
		if strings.ContainsFunc(login, isPlain) && len(made) != len(login) {
			t.Errorf("%q: expected the same length, got %q", login, made)
		}
	}
}
