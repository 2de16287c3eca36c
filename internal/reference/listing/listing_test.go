package listing_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/listing"
)

func TestJSONIsEncodedOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	encode := func(items []int) []byte {
		calls++
		return fmt.Append(nil, items)
	}
	list := listing.New([]int{1, 2})
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if got := string(list.JSON(encode)); got != "[1 2]" {
				t.Errorf("the JSON is %q", got)
			}
		})
	}
	all.Wait()
	if calls != 1 {
		t.Errorf("it was encoded %d times, want once", calls)
	}
}
