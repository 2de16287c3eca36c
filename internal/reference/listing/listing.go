// Package listing holds lists that are read far more often than they change,
// together with their JSON. The owner of a list replaces it when it changes.
package listing

import "sync"

// List is a list that does not change, and its JSON. It is safe for concurrent use.
type List[T any] struct {
	// Items must not be changed.
	Items []T

	encoded sync.Once
	body    []byte
}

// New returns a list of items.
func New[T any](items []T) *List[T] { return &List[T]{Items: items} }

// JSON returns what encode makes of the items. Only the first call calls encode, so
// all callers have to pass the same function. The result must not be changed.
func (l *List[T]) JSON(encode func([]T) []byte) []byte {
	l.encoded.Do(func() { l.body = encode(l.Items) })
	return l.body
}
