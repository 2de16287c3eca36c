package exchange

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
)

func TestCodeNames(t *testing.T) {
	t.Parallel()
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		name, status := codeNames(code)
		plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
		if want := strings.ToLower(code.String()); plain != want && code != codes.Canceled { // the standard writes CANCELLED
			t.Errorf("code %d: expected %s in capitals, got %s", code, want, name)
		}
		if success := status == 200; success != (code == codes.OK) {
			t.Errorf("%s: got the status %d", name, status)
		}
	}
	if name, status := codeNames(99); name != "CODE_99" || status != 500 {
		t.Errorf("an unknown code: got %s, %d", name, status)
	}
}
