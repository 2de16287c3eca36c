package sdk_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/sdk"
)

// TestHeadersOfACall: names that differ in letter case are one field, and no value of it
// is lost. The caller's map stays as it is.
func TestHeadersOfACall(t *testing.T) {
	t.Parallel()
	given := http.Header{"x-tag": {"c"}, "X-TAG": {"a"}, "X-Tag": append(make([]string, 0, 4), "b")}
	for range 20 { // a map has another order each time
		var got []string
		_, err := exchange(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Values("X-Tag")
			w.WriteHeader(http.StatusNoContent)
		}), sdk.Call{Op: "try", Path: "/x", Header: given})
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"a", "b", "c"}; !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	if len(given) != 3 || !slices.Equal(given["X-Tag"], []string{"b"}) {
		t.Errorf("the caller's header became %v", given)
	}
}
