package mockserver

// maxRemembered is how many tokens, names and sessions a mock remembers.
const maxRemembered = 100_000

// bounded is a map that forgets its oldest keys when there are too many. It is not
// safe for concurrent use.
type bounded[V any] struct {
	limit  int
	values map[string]V
	order  []string
}

func newBounded[V any](limit int) bounded[V] { return bounded[V]{limit: limit, values: map[string]V{}} }

// get returns the value of a key; the zero value where there is none.
func (b *bounded[V]) get(key string) V { return b.values[key] }

func (b *bounded[V]) put(key string, value V) {
	if _, known := b.values[key]; !known {
		b.order = append(b.order, key)
	}
	b.values[key] = value
	if len(b.order) <= b.limit {
		return
	}
	oldest := b.order[:max(b.limit/10, 1)]
	for _, key := range oldest {
		delete(b.values, key)
	}
	b.order = append([]string(nil), b.order[len(oldest):]...)
}
