package packed

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// TestTable compares a table with a plain map; in a second table nearly all hashes
// collide.
func TestTable(t *testing.T) {
	t.Parallel()
	for name, hash := range map[string]func(string) uint64{
		"":           NewTable().hash,
		"colliding ": func(key string) uint64 { return uint64(len(key)) },
	} {
		table, want := NewTable(), map[id]string{}
		table.hash = hash
		draw := rand.New(rand.NewPCG(1, 2))
		for i := range 5000 {
			kind, key := store.Kind(fmt.Sprint(draw.IntN(2))), fmt.Sprint(draw.IntN(40))
			if draw.IntN(3) == 0 {
				table.Delete(kind, key)
				delete(want, id{kind, key})
			} else {
				value := fmt.Sprint(i)
				table.Put(store.Record{Kind: kind, Key: key, Value: []byte(value)})
				want[id{kind, key}] = value
			}
			for _, key := range []string{key, fmt.Sprint(draw.IntN(40))} {
				got := table.Get(kind, key)
				if value, there := want[id{kind, key}]; (got != "") != there || there && string(got.Unpack().Value) != value {
					t.Fatalf("%stable after %d steps: %s %s is %q, want %q", name, i, kind, key, got, value)
				}
			}
		}
		all := map[id]string{}
		for record := range table.All() {
			r := record.Unpack()
			all[id{r.Kind, r.Key}] = string(r.Value)
		}
		for some := range len(want) { // a reader may stop anywhere
			seen := 0
			for range table.All() {
				if seen++; seen > some {
					break
				}
			}
			if seen != some+1 {
				t.Errorf("%stable: %d of %d records were read", name, seen, some+1)
			}
		}
		if len(table.first)+len(table.others) != len(want) || fmt.Sprint(all) != fmt.Sprint(want) {
			t.Errorf("%stable has %v, want %v", name, all, want)
		}
	}
}
