package mockserver

import (
	"fmt"
	"testing"
)

// TestBounded forgets the oldest keys, and nothing while there is room.
func TestBounded(t *testing.T) {
	t.Parallel()
	b := newBounded[int](20)
	for n := range 1000 {
		b.put(fmt.Sprint(n), n)
		b.put(fmt.Sprint(n), n) // the same key takes no room
		if len(b.values) > 20 || len(b.values) != len(b.order) || b.get(fmt.Sprint(n)) != n {
			t.Fatalf("after %d keys there are %d, and %d in order", n+1, len(b.values), len(b.order))
		}
	}
	for n := 982; n < 1000; n++ {
		if b.get(fmt.Sprint(n)) != n {
			t.Errorf("key %d is forgotten", n)
		}
	}
	if b.get("0") != 0 || b.values["1"] != 0 {
		t.Error("the oldest keys are there")
	}
}
